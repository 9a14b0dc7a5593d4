/** `aftercall/slim`: bring your own module. */
import { batches } from "../batches.js";
import { AftercallError, createCore, type Engine } from "../core.js";
import { start, startBytes } from "../engine.js";
import { load } from "../load.js";
import type { Source, SyncSource } from "../types/slim.js";

let engine: Engine | undefined;
let first: Promise<void> | undefined;

/** See the types. A failed start is forgotten, so that a lost connection can be tried again. */
export const init = (source: Source): Promise<void> => {
  first ??= (async () => {
    try {
      if (engine) return;
      const module = await load(source);
      engine ??= start(module);
    } catch (error) {
      first = undefined;
      throw error;
    }
  })();
  return first;
};

export const initSync = (source: SyncSource): void => {
  engine ??= source instanceof WebAssembly.Module ? start(source) : startBytes(source as BufferSource);
};

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  () => {
    if (engine) return engine;
    throw new AftercallError("not-started", "Call init() or initSync() first, with aftercall/aftercall.wasm.");
  },
  {},
  batches,
);
export { AftercallError };
