/** `aftercall`: the module is inside, as hex, and starts at the first call. */
import { initSync } from "#glue";
import { hex } from "#wasm-hex";
import { createCore } from "../core.js";
import { engine } from "../engine.js";
import { fromHex } from "../hex.js";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  () => {
    initSync({ module: fromHex(hex) });
    return engine;
  },
);
export { AftercallError } from "../core.js";
