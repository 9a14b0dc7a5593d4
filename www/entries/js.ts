/** `aftercall/js`: the same without WebAssembly, for policies that forbid it. */
import { start } from "#twin";
import { batches } from "../batches.js";
import { createCore } from "../core.js";
import { engineOf } from "../engine.js";
import { once } from "../once.js";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  once(() => engineOf(start())),
  {},
  batches,
);
export { AftercallError } from "../core.js";
