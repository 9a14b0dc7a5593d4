/** `dist/aftercall.nowasm.js`: the same core as plain JavaScript, for pages whose policy forbids WebAssembly. */
import { capture, checkSettings, conversionRequests, stash, unstash } from "#twin";
import { handOver } from "./seams.js";

handOver<"nowasm">({ engine: { capture, checkSettings, conversionRequests, stash, unstash } });
