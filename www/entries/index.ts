/** `aftercall`: the module is inside, as hex, and starts at the first call. */
import { hex } from "#wasm-hex";
import { batches } from "../batches.js";
import { createCore } from "../core.js";
import { startBytes } from "../engine.js";
import { fromHex } from "../hex.js";
import { once } from "../once.js";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  once(() => startBytes(fromHex(hex))),
  {},
  batches,
);
export { AftercallError } from "../core.js";
