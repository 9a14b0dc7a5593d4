/** `dist/aftercall.nowasm.js`: the same core as plain JavaScript, for pages whose policy forbids WebAssembly. */
import { start } from "#tag-twin";
import { engineOf } from "../engine.js";
import { handOver } from "./seams.js";

handOver<"nowasm">({ engine: engineOf(start()) });
