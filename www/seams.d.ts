/** What the build puts in: see xtask/build.mjs. */

/** The module's bytes, as lower-case hex. */
declare module "#wasm-hex" {
  export const hex: string;
}

/** The same module as JavaScript. */
declare module "#twin" {
  export function start(): import("./engine.js").Exports;
}

/** And the script tag's. */
declare module "#tag-twin" {
  export function start(): import("./engine.js").Exports;
}

/** FullStack's module, as the text that unpack.ts reads. */
declare module "#fullstack-packed" {
  export const packed: string;
}

/** wasm-bindgen's glue for delivery's module. */
declare module "#deliver-glue" {
  type Engine = import("./deliver.js").Engine;
  export const send: Engine["send"];
  export const verifyKameleoon: Engine["verifyKameleoon"];
  export function initSync(options: { module: BufferSource | WebAssembly.Module }): unknown;
}

/** Its bytes, as lower-case hex. */
declare module "#deliver-hex" {
  export const hex: string;
}

/** Cloudflare's runtime compiles imported modules ahead of time. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** So does Vercel's, where the import says so. */
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** The version in package.json. */
declare const __VERSION__: string;

/** The script tag's module, as hex: what its build hands to the script. */
declare const __MODULE__: string;

/** The integrity hashes of the files beside the script tag, as they were built with it. */
declare const __INTEGRITY__: Record<"outlets" | "debug" | "nowasm", string>;
