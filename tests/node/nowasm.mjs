// The script tag's twin in plain JavaScript, `dist/aftercall.nowasm.js`, under the functions of the package.
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { load } from "./bundle.mjs";

const { createCore } = await load("core.ts");
const element = {};
const world = { document: { currentScript: element }, TextDecoder, TextEncoder };
vm.runInNewContext(readFileSync(new URL("../../dist/aftercall.nowasm.js", import.meta.url), "utf8"), world);

export const nowasm = createCore(() => element.handed.engine);
