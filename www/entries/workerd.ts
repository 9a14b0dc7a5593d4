/** `aftercall` under workerd, which forbids compiling bytes: it compiles what is imported. */
import { initSync } from "#glue";
import { createCore } from "../core.js";
import { engine } from "../engine.js";
import module from "./aftercall.wasm";

export const { capture, stash, stashParts, unstash, conversionRequests, conversionBatches, checkSettings } = createCore(
  () => {
    initSync({ module });
    return engine;
  },
);
export { AftercallError } from "../core.js";
