/** `aftercall/vwo-fullstack`: the module is inside, as hex, and starts at the first launch. */
import { __wbg_reset_state, Client, initSync } from "#fullstack-glue";
import { hex } from "#fullstack-hex";
import { createFullstack } from "../fullstack.js";
import { fromHex } from "../hex.js";

export const { launch } = createFullstack(() => {
  initSync({ module: fromHex(hex) });
  return { launch: (...parts) => new Client(...parts), restart: __wbg_reset_state };
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
