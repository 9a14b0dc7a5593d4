/** `aftercall/vwo-fullstack` on Vercel's edge, which compiles what is imported with `?module`. */
import { __wbg_reset_state, ask, launch as begin, end, initSync } from "#fullstack-glue";
import { createFullstack } from "../fullstack.js";
import module from "./vwo-fullstack.wasm?module";

export const { launch } = createFullstack(() => {
  initSync({ module });
  return { launch: begin, ask, end, restart: __wbg_reset_state };
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
