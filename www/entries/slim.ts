/** `aftercall/slim`: bring your own module. */
import load, { initSync as loadSync } from "#glue";
import { AftercallError, createCore } from "../core.js";
import { engine } from "../engine.js";
import type { Source, SyncSource } from "../types/slim.js";

let ready = false;
let first: Promise<void> | undefined;

/** See the types. A failed start is forgotten, so that a lost connection can be tried again. */
export const init = (source: Source): Promise<void> => {
  first ??= (async () => {
    try {
      if (!ready) await load({ module_or_path: source as BufferSource });
      ready = true;
    } catch (error) {
      first = undefined;
      throw error;
    }
  })();
  return first;
};

export const initSync = (source: SyncSource): void => {
  if (!ready) loadSync({ module: source as BufferSource });
  ready = true;
};

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  () => {
    if (!ready)
      throw new AftercallError("not-started", "Call init() or initSync() first, with aftercall/aftercall.wasm.");
    return engine;
  },
);
export { AftercallError };
