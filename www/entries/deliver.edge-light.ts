/** `aftercall/deliver` on Vercel's edge, which compiles what is imported with `?module`. */
import { verifyKameleoon as ask, initSync, send as sendAll } from "#deliver-glue";
import { createDeliver } from "../deliver.js";
import module from "./deliver.wasm?module";

export const { send, verifyKameleoon } = createDeliver(() => {
  initSync({ module });
  return { send: sendAll, verifyKameleoon: ask };
});
