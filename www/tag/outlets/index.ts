/** `dist/aftercall.outlets.js`: hands the token on to what `data-outlets` names. Loaded by the tag, after consent alone. */
import { handOver } from "../seams.js";
import { start } from "./start.js";

handOver<"outlets">({ start });
