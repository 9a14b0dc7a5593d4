/** `aftercall/vwo-fullstack`: the module is inside, as text, and starts at the first launch. */
import { packed } from "#fullstack-packed";
import { createFullstack } from "../fullstack.js";
import { instance } from "../instance.js";
import { fromPacked } from "../packed.js";

export const { launch } = createFullstack(() => instance(new WebAssembly.Module(fromPacked(packed))));
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
