/** A module from wherever it lies. */
import type { Source } from "./types/slim.js";

export const load = async (source: Source): Promise<WebAssembly.Module> => {
  const isAddress = typeof source === "string" || source instanceof URL || source instanceof Request;
  const given = await (isAddress ? fetch(source) : source);
  if (given instanceof WebAssembly.Module) return given;
  if (!(given instanceof Response)) return WebAssembly.compile(given as BufferSource);
  if (!given.ok) throw new Error(`The module did not come: ${given.status} ${given.url}`);
  // Compiled while it arrives, where the server says what it is.
  return given.headers.get("Content-Type") === "application/wasm"
    ? WebAssembly.compileStreaming(given)
    : WebAssembly.compile(await given.arrayBuffer());
};
