/** `aftercall/js`: the same without WebAssembly, for policies that forbid it. */
import * as twin from "#twin";
import { createCore } from "../core.js";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  () => twin,
);
export { AftercallError } from "../core.js";
