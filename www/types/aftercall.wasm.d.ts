/** The module, compiled: what runtimes that compile imported modules make of `aftercall/aftercall.wasm` (workerd, say). */
declare const module: typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : object;
export default module;
