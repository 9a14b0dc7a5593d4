/**
 * The core's module: texts into its memory and out of it.
 *
 * wasm-bindgen writes the module's side of this. It would write this side, too, but many times as long, for it has to serve any
 * module; here one text crosses each way.
 */
import type { Engine } from "./core.js";

/** What the module exports, and its twin in JavaScript. */
export interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  malloc(size: number, align: number): number;
  /** Missing where nothing is given back. */
  free?(at: number, size: number, align: number): void;
  /** Where the answer lies: up to a NUL. What was put there is the module's. */
  ask(what: number, at: number, size: number, maxLength: number): number;
}

export const engineOf = (wasm: Exports): Engine => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return (what, text, maxLength = 0) => {
    const bytes = encoder.encode(text);
    const place = wasm.malloc(bytes.length, 1);
    new Uint8Array(wasm.memory.buffer).set(bytes, place >>> 0);
    const at = wasm.ask(what, place, bytes.length, maxLength) >>> 0;
    // Another view: memory that grew is at another place.
    const memory = new Uint8Array(wasm.memory.buffer);
    const end = memory.indexOf(0, at);
    const answer = decoder.decode(memory.subarray(at, end));
    wasm.free?.(at, end - at + 1, 1);
    return answer;
  };
};

export const start = (module: WebAssembly.Module): Engine =>
  engineOf(new WebAssembly.Instance(module).exports as unknown as Exports);

/** The same for a module that is not compiled yet. */
export const startBytes = (bytes: BufferSource): Engine => start(new WebAssembly.Module(bytes));
