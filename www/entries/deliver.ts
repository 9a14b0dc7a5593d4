/** `aftercall/deliver`: the module is inside, as hex, and starts at the first call. */
import { verifyKameleoon as ask, initSync, send as sendAll } from "#deliver-glue";
import { hex } from "#deliver-hex";
import { createDeliver } from "../deliver.js";
import { fromHex } from "../hex.js";

export const { send, verifyKameleoon } = createDeliver(() => {
  initSync({ module: fromHex(hex) });
  return { send: sendAll, verifyKameleoon: ask };
});
