/** The module's functions, without its loader: what is not named here is not bundled. */
import { capture, checkSettings, conversionBatches, conversionRequests, stash, unstash } from "#glue";
import type { Engine } from "./core.js";

// An object of our own: a namespace import would cost every bundle a helper with getters.
export const engine: Engine = {
  capture,
  checkSettings,
  conversionBatches,
  conversionRequests,
  stash,
  unstash,
};
