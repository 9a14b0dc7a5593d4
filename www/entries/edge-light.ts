/** `aftercall` on Vercel's edge, which forbids compiling bytes: it compiles what is imported with `?module`. */
import { batches } from "../batches.js";
import { createCore } from "../core.js";
import { start } from "../engine.js";
import { once } from "../once.js";
import module from "./aftercall.wasm?module";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  once(() => start(module)),
  {},
  batches,
);
export { AftercallError } from "../core.js";
