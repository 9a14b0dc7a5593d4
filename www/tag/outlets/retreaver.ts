/**
 * Retreaver: tags of a number. The numbers are those that its script has for the page's campaigns, and those that the site
 * puts into the array `aftercallNumbers`.
 */
import { type Adapter, call, member, OutletError, page, present } from "./outlet.js";

interface Campaign {
  numbers(): unknown[];
}

/** The numbers of all campaigns. Where the script keeps them was seen in its source; the functions are documented. */
const knownNumbers = (): unknown[] => {
  const retreaver = page.Retreaver as { Campaign?: new (options: object) => Campaign } | undefined;
  const stored = member(member(member(member(retreaver, "Base"), "Data"), "_store"), "numbers") ?? {};
  const keys = new Set(Object.values(stored).map((number) => member(number, "campaign_key")));
  const Campaign = retreaver?.Campaign;
  return Campaign ? [...keys].flatMap((campaign_key) => new Campaign({ campaign_key }).numbers()) : [];
};

const idOf = (number: unknown) => {
  const get = member(number, "get");
  return typeof get === "function" ? get.call(number, "id") : number;
};

export const retreaver: Adapter = {
  detect: present(["Retreaver"], /^https?:\/\/dist\.routingapi\.com\//m),
  create() {
    /** By number: what its tags say. */
    const tagged = new Map<unknown, Record<string, string>>();
    return {
      hand({ fields }) {
        const given = page.aftercallNumbers;
        const numbers = [...(Array.isArray(given) ? given : []), ...knownNumbers()];
        for (const number of numbers) {
          const before = tagged.get(idOf(number));
          if (before === fields) continue;
          tagged.set(idOf(number), fields);
          // A number keeps several tags of one name.
          if (before) call(number, "remove_tags", { ...before });
          const tags = Object.fromEntries(Object.entries(fields).filter(([, part]) => part));
          if (!call(number, "add_tags", tags))
            throw new OutletError("window.aftercallNumbers has something else than numbers.");
        }
        return numbers.length
          ? { done: "The token is a tag of the page's Retreaver numbers." }
          : { wait: "Retreaver has no number yet: request one, and put it into window.aftercallNumbers." };
      },
    };
  },
};
