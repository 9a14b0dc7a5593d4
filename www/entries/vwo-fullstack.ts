/** `aftercall/vwo-fullstack`: the module is inside, as text, and starts at the first launch. */
import { __wbg_reset_state, ask, launch as begin, end, initSync } from "#fullstack-glue";
import { packed } from "#fullstack-packed";
import { createFullstack } from "../fullstack.js";
import { fromPacked } from "../packed.js";

export const { launch } = createFullstack(() => {
  initSync({ module: fromPacked(packed) });
  return { launch: begin, ask, end, restart: __wbg_reset_state };
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
