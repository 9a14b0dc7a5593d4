/** `aftercall/vwo-fullstack`: the module is inside, as text, and is compiled at the first launch. */
import { packed } from "#fullstack-packed";
import { createFullstack } from "../fullstack.js";
import { instance } from "../instance.js";
import { unpack } from "../unpack.js";

let module: WebAssembly.Module | undefined;

export const { launch } = createFullstack((storage) => {
  module ??= new WebAssembly.Module(unpack(packed));
  return instance(module, storage);
});
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
