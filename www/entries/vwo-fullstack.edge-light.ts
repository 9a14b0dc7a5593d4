/** `aftercall/vwo-fullstack` on Vercel's edge, which compiles what is imported with `?module`. */
import { createFullstack } from "../fullstack.js";
import { instance } from "../instance.js";
import module from "./vwo-fullstack.wasm?module";

export const { launch } = createFullstack((storage) => instance(module, storage));
export { fetchSettings, GoalTypeEnum } from "../fullstack.js";
