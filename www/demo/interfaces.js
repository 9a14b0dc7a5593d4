// The interfaces that a platform has had over the years: which one a request is for, and which other one there is.

/** @typedef {import("../types/index.js").ConversionRequest} ConversionRequest */
/** @typedef {ConversionRequest["platform"]} Platform */
/** @typedef {{ setting: string, value: string, name: string, address: RegExp }} Interface */

/**
 * By platform, the modern one first. `setting` and `value`: what chooses it.
 * @type {Record<Platform, Interface[]>}
 */
const interfaces = {
  optimizely: [
    { setting: "optimizely.api", value: "events", name: "Event API", address: /logx\.optimizely\.com/ },
    { setting: "optimizely.api", value: "classic", name: "Event URL of Classic", address: /\.log\.optimizely\.com/ },
  ],
  vwo: [
    { setting: "vwo.api", value: "events", name: "Event", address: /\/events\/t\?/ },
    { setting: "vwo.api", value: "web-goal", name: "Goal hit of the page", address: /\/c\.gif\?/ },
    { setting: "vwo.api", value: "track-goal", name: "Goal of a mobile app", address: /\/track-goal\?/ },
  ],
  kameleoon: [
    { setting: "kameleoon.format", value: "json", name: "Data API, as JSON", address: /json=true/ },
    { setting: "kameleoon.format", value: "text", name: "Data API, as its SDKs send it", address: /./ },
  ],
  convert: [
    { setting: "convert.api", value: "v1", name: "Tracking, version 1", address: /\/v1\/track\// },
    { setting: "convert.api", value: "tracking-request", name: "Legacy tracking request", address: /\.track\./ },
  ],
};

/**
 * The interface of a request, and the one to show beside it.
 * @param {ConversionRequest} request
 */
export function interfacesOf({ platform, url }) {
  const all = interfaces[platform];
  const own = /** @type {Interface} */ (all.find(({ address }) => address.test(url)));
  return { own, other: all[0] === own ? all[1] : all[0] };
}
