/** The module's functions, without its loader: what is not named here is not bundled. */
import { capture, capturePage, checkSettings, conversionBatches, conversionRequests, stash, unstash } from "#glue";
import type { Engine } from "./core.js";

// Objects of our own: a namespace import would cost every bundle a helper with getters.

/** What the script tag needs. */
export const tagEngine: Engine = { capture, capturePage, checkSettings, conversionRequests, stash, unstash };

export const engine: Engine = {
  capture,
  capturePage,
  checkSettings,
  conversionBatches,
  conversionRequests,
  stash,
  unstash,
};
