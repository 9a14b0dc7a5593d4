/** What runtimes that compile imported modules (workerd, and others by way of a bundler) make of `aftercall/aftercall.wasm`. */
declare const module: WebAssembly.Module;
export default module;
