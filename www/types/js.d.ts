/** The same as `aftercall`, without WebAssembly: made from the same module, for policies that forbid it. */
export * from "./index.js";
