/** `dist/aftercall.debug.js`: the overlay of `?aftercall_debug=1`. Loaded by the tag where the address asks for it. */
import { handOver } from "../seams.js";
import { show } from "./overlay.js";

handOver<"debug">({ show });
