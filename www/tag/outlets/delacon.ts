/**
 * Delacon: three seconds after its script has loaded it looks once at the text `extTrkStr`, and, beside its own Optimizely
 * capture, at what `getExtTrkParameters()` adds to the address. Both become part of a GET: read in the vendor's script.
 */
import { type Adapter, page, present } from "./outlet.js";

const FUNCTION = "getExtTrkParameters";
const TEXT = "extTrkStr";

export const delacon: Adapter = {
  detect: present(["dela_247_call", "delaconphonenums"], /^https?:\/\/[^/]+\.(plavxml\.com|delacon\.com\.au)\//m),
  create() {
    let query = "";
    let text: unknown;
    let before: unknown;
    const ours = () => {
      const own = typeof before === "function" ? before() : "";
      return (typeof own === "string" ? own : "") + query;
    };
    return {
      hand({ token, fields }) {
        query = Object.entries(fields)
          .filter(([, part]) => part)
          .map(([name, part]) => `&${name}=${encodeURIComponent(part)}`)
          .join("");
        if (page[FUNCTION] !== ours) {
          before = page[FUNCTION];
          page[FUNCTION] = ours;
        }
        // The site's own text stays; and a text in parts would be of no use here.
        const free = !page[TEXT] || page[TEXT] === text;
        if (free) page[TEXT] = text = Object.values(fields)[0] === token ? token : "";
        return { done: `The token is in window.${FUNCTION}()${free && text ? ` and window.${TEXT}` : ""}.` };
      },
      stop() {
        query = "";
        if (page[FUNCTION] === ours) page[FUNCTION] = before;
        if (text && page[TEXT] === text) page[TEXT] = "";
      },
    };
  },
};
