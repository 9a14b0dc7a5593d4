/**
 * The same as `aftercall`, with a module that you load yourself, from `aftercall/aftercall.wasm`.
 *
 * ```js
 * import { readFileSync } from "node:fs";
 * import { capture, initSync } from "aftercall/slim";
 *
 * initSync(readFileSync(new URL(import.meta.resolve("aftercall/aftercall.wasm"))));
 * capture({ cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" }).problems; // → []
 * ```
 *
 * Before the start `capture` returns an empty context with the problem `not-started`; the others throw it.
 */
export * from "./index.js";

/** The type of a class that the surroundings may have: pages and Node do not declare the same ones. */
type InstanceOf<Class> = Class extends { prototype: infer Instance } ? Instance : never;
type Global<Name extends string> = typeof globalThis extends Record<Name, infer Class> ? InstanceOf<Class> : never;
export type Module = typeof globalThis extends { WebAssembly: { Module: infer Class } } ? InstanceOf<Class> : object;

/** The module's bytes, or the module compiled. */
export type SyncSource = ArrayBuffer | ArrayBufferView | Module;
/** Where to get the module: an address, a request, a response, or the module itself. */
export type Source =
  | string
  | Global<"URL">
  | Global<"Request">
  | Global<"Response">
  | Promise<Global<"Response">>
  | SyncSource;

/**
 * Load and start the module. Idempotent: later calls return the first promise. After a rejection the next call tries again.
 */
export function init(source: Source): Promise<void>;

/** The same, at once, from bytes or a compiled module. */
export function initSync(source: SyncSource): void;
