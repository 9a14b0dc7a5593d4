/** `aftercall/vwo-fullstack` under workerd, which forbids compiling bytes: it compiles what is imported. */
import { __wbg_reset_state, ask, launch as begin, end, initSync } from "#fullstack-glue";
import { createFullstack } from "../fullstack.js";
import module from "./vwo-fullstack.wasm";

export const { launch } = createFullstack(() => {
  initSync({ module });
  return { launch: begin, ask, end, restart: __wbg_reset_state };
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
