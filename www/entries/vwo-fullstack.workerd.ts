/** `aftercall/vwo-fullstack` under workerd, which forbids compiling bytes: it compiles what is imported. */
import { createFullstack } from "../fullstack.js";
import { instance } from "../instance.js";
import module from "./vwo-fullstack.wasm";

export const { launch } = createFullstack((storage) => instance(module, storage));
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
