// A visitor context as people read it: platform → experiments → variation.
import { element } from "./dom.js";

/** @typedef {import("../types/index.js").VisitorContext} VisitorContext */
/** @typedef {Record<string, Record<string, { name: string, variations: Record<string, string> }>>} Names */

/** What the vendors call themselves, in the order in which they are shown. */
export const platformNames = { optimizely: "Optimizely", vwo: "VWO", kameleoon: "Kameleoon", convert: "Convert" };

/**
 * One block a platform. Only the site knows the names of its experiments; the token carries ids.
 * @param {VisitorContext} visitor
 * @param {Names} [names]
 */
export function contextView(visitor, names = {}) {
  const { optimizely, vwo, kameleoon, convert } = visitor;
  return element(
    "div",
    { className: "platforms" },
    optimizely &&
      block("optimizely", names, optimizely.endUserId, "Experiment", seenIn(optimizely), [
        ["Account", optimizely.accountId],
        ["Project", optimizely.projectId],
        ["Segments", list(optimizely.segments)],
      ]),
    vwo &&
      block("vwo", names, vwo.uuid, "Campaign", vwo.campaigns, [
        ["Account", vwo.accountId],
        ["Session", vwo.sessionId === undefined ? undefined : String(vwo.sessionId)],
      ]),
    kameleoon &&
      block("kameleoon", names, kameleoon.visitorCode, "Experiment", kameleoon.experiments, [
        ["Site", kameleoon.siteCode],
      ]),
    convert &&
      block("convert", names, convert.visitorId, "Experience", convert.experiences, [
        ["Account", convert.accountId],
        ["Project", convert.projectId],
        ["Segments", convert.segments.join(", ")],
      ]),
  );
}

/**
 * @param {keyof typeof platformNames} platform
 * @param {Names} names
 * @param {string | undefined} visitorId
 * @param {string} noun The platform's word for an experiment.
 * @param {Record<string, string | string[]>} variations
 * @param {[string, string | undefined][]} more
 */
function block(platform, names, visitorId, noun, variations, more) {
  const entry = (/** @type {string} */ term, /** @type {(Node | string)[]} */ ...details) =>
    element("div", {}, element("dt", {}, term), element("dd", {}, ...details));
  const code = (/** @type {string} */ text) => element("code", {}, text);
  return element(
    "section",
    { className: "platform", "data-platform": platform },
    element("h3", {}, platformNames[platform]),
    element(
      "dl",
      {},
      ...Object.entries(variations).map(([id, variation]) => {
        const known = names[platform]?.[id];
        const said =
          known &&
          [variation]
            .flat()
            .map((one) => known.variations[one])
            .join(", ");
        const term = known ? `${known.name} ` : `${noun} `;
        return element(
          "div",
          { className: "seen" },
          element("dt", {}, term, code(id)),
          element("dd", {}, said ? `${said} ` : "Variation ", code([variation].flat().join(", "))),
        );
      }),
      entry("Visitor", visitorId ? code(visitorId) : "unknown"),
      ...more.flatMap(([term, detail]) => (detail ? [entry(term, code(detail))] : [])),
    ),
  );
}

/**
 * Of Classic and of Web Experimentation. A decision without an experiment shows the visitor nothing.
 * @param {NonNullable<VisitorContext["optimizely"]>} optimizely
 */
function seenIn({ experiments, decisions = [] }) {
  const decided = decisions.flatMap(({ experimentId, variationId }) =>
    experimentId && variationId ? [[experimentId, variationId]] : [],
  );
  return { ...experiments, ...Object.fromEntries(decided) };
}

/** @param {Record<string, string>} values */
function list(values) {
  return Object.entries(values)
    .map(([id, value]) => `${id} = ${value}`)
    .join(", ");
}
