/** Queues that a tracker's script drains when it loads and listens to afterwards: when it loads makes no difference. */
import { type Adapter, call, OutletError, page, present, type Value } from "./outlet.js";

/** Appends to a queue on `window`, which is an array until the tracker takes it over. */
const append = (queue: string, entry: unknown) => {
  // Never a local variable: the tracker looks on `window`.
  page[queue] ??= [];
  if (!call(page[queue], "push", entry))
    throw new OutletError(
      `window.${queue} is no queue on this page: look for a script that uses the name for something else.`,
    );
};

/** Nothing in such a queue can be taken back, and nothing need be said twice: one entry a value. */
const queue = (name: string, entries: (value: Value) => unknown[], detect?: Adapter["detect"]): Adapter => {
  // Consent that was taken back and given again starts anew; what is in the queue is still there.
  let last = "";
  return {
    ...(detect && { detect }),
    create: () => ({
      hand(value) {
        if (value.token !== last) for (const entry of entries(value)) append(name, entry);
        last = value.token;
        return { done: `The token is in window.${name}.` };
      },
    }),
  };
};

const pairs = ({ fields }: Value) => Object.entries(fields);

/** CallTrackingMetrics: custom variables of the visit. Seen on several sites and in a data platform's own integration. */
export const ctm = queue(
  "__ctm_cvars",
  ({ fields }) => [{ ...fields }],
  present(["__ctm", "__ctm_tracked_numbers", "__ctm_cvars"], /^https?:\/\/[^/]+\.tctm\.co\//m),
);

/** Ringba: tags of the type User. Of the three shapes in use the one that a site saw on the wire. */
export const ringba = queue(
  "_rgba_tags",
  (value) => pairs(value).map(([name, text]) => ({ type: "User", [name]: text })),
  present(["ringba", "ringba_known_numbers", "_rgba_tags"], /^https?:\/\/[^/]+\.ringba\.com\//m),
);

/** Infinity: custom variables. The inner array is what several sites have. */
export const infinity = queue(
  "_ictt",
  (value) => pairs(value).map((pair) => ["_setCustomVar", pair]),
  present(["_ictt"], /^https?:\/\/[^/]+\.infinity-tracking\.net\/js\/nas\.v1/m),
);

/** Tag managers. A site names it: who listens to a data layer, nobody can tell from outside. */
export const dataLayer = queue("dataLayer", ({ token, fields, before }) => [
  { event: before ? "aftercall_change" : "aftercall_ready", aftercall: { token, fields: { ...fields } } },
]);
