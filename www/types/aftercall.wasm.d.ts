/** The module, compiled: what runtimes that compile imports (workerd, and others by way of a bundler) make of it. */
declare const module: import("./slim.js").Module;
export default module;
