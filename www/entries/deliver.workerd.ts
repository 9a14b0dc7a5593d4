/** `aftercall/deliver` under workerd, which forbids compiling bytes: it compiles what is imported. */
import { verifyKameleoon as ask, initSync, send as sendAll } from "#deliver-glue";
import { createDeliver } from "../deliver.js";
import module from "./deliver.wasm";

export const { send, verifyKameleoon } = createDeliver(() => {
  initSync({ module });
  return { send: sendAll, verifyKameleoon: ask };
});
