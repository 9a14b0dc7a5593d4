/** `aftercall/vwo-fullstack`: the module is inside, as text, and starts at the first launch. */
import { packed } from "#fullstack-packed";
import { createFullstack } from "../fullstack.js";
import { instance } from "../instance.js";
import { fromPacked } from "../packed.js";

let module: WebAssembly.Module | undefined;

export const { launch } = createFullstack((storage) => {
  module ??= new WebAssembly.Module(fromPacked(packed));
  return instance(module, storage);
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
