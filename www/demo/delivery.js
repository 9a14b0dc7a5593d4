// Sends the requests of a call, as a page does it: to the simulator, with the URLs that the platforms document. Says of each
// what became of it.
import { platformNames } from "./context-view.js";
import { byId, element } from "./dom.js";
import { followLog, order, simulatorUrl, verdict } from "./simulator.js";

/** @typedef {import("../types/index.js").ConversionRequest} ConversionRequest */
/** @typedef {import("../types/deliver.js").Delivery} Delivery */
/** @typedef {import("./simulator.js").Arrival} Arrival */

const button = byId("send", HTMLButtonElement);
const trouble = byId("trouble", HTMLSelectElement);
const status = byId("delivery", HTMLElement);
const hint = byId("send-hint", HTMLElement);
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** Entries of the log that are shown. */
const SHOWN = 8;

/** What became of each request in this window, by its key. @type {Map<string, Delivery>} */
const deliveries = new Map();
/** All that arrived. @type {Arrival[]} */
let arrivals = [];
/** The requests on screen. @type {ConversionRequest[]} */
let shown = [];
let busy = false;

/** Where the simulator is. The page asks once. */
const via = simulatorUrl();
/** Looks into the simulator's log at once. */
let look = async () => {};

void via.then((url) => {
  if (!url) return silent("No simulator runs here: `npm start` brings one.");
  byId("log-link", HTMLAnchorElement).href = `${url}/_log`;
  look = followLog(
    url,
    (all, { requests, conversions, deduplicated }) => {
      arrivals = all;
      const dropped = deduplicated ? `, ${counted(deduplicated, "repeat")} dropped` : "";
      byId("log-stats", HTMLElement).textContent = requests
        ? `${counted(requests, "request")}, ${counted(conversions, "conversion")} counted${dropped}.`
        : "Nothing yet.";
      byId("log", HTMLElement).replaceChildren(...all.slice(-SHOWN).reverse().map(logEntry));
      byId("log-more", HTMLElement).hidden = all.length === 0;
      tell();
    },
    (answers) => silent(answers ? "" : "The simulator does not answer. Does `npm start` still run?"),
  );
});

function silent(/** @type {string} */ reason) {
  byId("log-problem", HTMLElement).textContent = reason;
}

/**
 * These requests are the ones to send now.
 * @param {ConversionRequest[]} requests
 */
export function offer(requests) {
  shown = requests;
  byId("deliver", HTMLElement).hidden = requests.length === 0;
  if (!busy) status.textContent = "";
  tell();
}

button.addEventListener("click", async () => {
  const url = await via;
  if (busy) return;
  if (!url) {
    status.textContent = "Nothing was sent: no simulator runs here. `npm start` brings one.";
    return;
  }
  busy = true;
  button.setAttribute("aria-disabled", "true"); // not `disabled`: the keyboard's place would be lost
  const requests = shown;
  status.textContent = `Sending ${counted(requests.length, "request")}…`;
  try {
    await order(url, trouble.value, requests.length);
    const sent = await deliver(requests, url);
    for (const delivery of sent) deliveries.set(delivery.request.idempotencyKey, delivery);
    const taken = sent.filter(({ outcome }) => outcome === "accepted" || outcome === "sent").length;
    status.textContent = `${taken} of ${requests.length} delivered.`;
    await order(url);
  } catch {
    status.textContent = "Nothing was sent: the simulator does not answer. Does `npm start` still run?";
  }
  await look();
  tell();
  busy = false;
  button.removeAttribute("aria-disabled");
});

/**
 * By `aftercall/deliver`.
 * @param {ConversionRequest[]} requests
 * @param {string} url
 */
async function deliver(requests, url) {
  const file = "/dist/deliver.js"; // only whoever sends needs it
  /** @type {typeof import("../types/deliver.js")} */
  const { send } = await import(file);
  return send(requests, { via: url });
}

/** Say everywhere what is known by now. */
function tell() {
  byId("fates", HTMLElement).replaceChildren(...shown.flatMap(fateOf));
  const again = shown.filter((request) => arrivals.some((arrival) => isSame(arrival, request)));
  const taken = again.filter((request) =>
    arrivals.some((arrival) => arrival.outcome === "accepted" && isSame(arrival, request)),
  );
  button.textContent = `${again.length ? "Send again" : "Send"}: ${counted(shown.length, "request")}`;
  const twice = taken.flatMap(({ repeat, platform }) => (repeat === "counts-twice" ? platformNames[platform] : []));
  hint.textContent = taken.length
    ? `You would not do so in earnest: the command keeps a ledger, and sends nothing twice.${twice.length ? ` ${twice.join(" and ")} would count it twice.` : ""}`
    : "They go to the simulator on this machine, with the addresses that the platforms document.";
}

/**
 * What became of a request; nothing before it was sent.
 * @param {ConversionRequest} request
 */
function fateOf(request) {
  const delivery = deliveries.get(request.idempotencyKey);
  const arrived = arrivals.filter((arrival) => isSame(arrival, request));
  if (!delivery && !arrived.length) return [];
  const said = [];
  if (delivery) {
    const { status, attempts, message, outcome } = delivery;
    said.push(`${fates[outcome].word} ${status ? `Answer ${status}` : "No answer"}, ${counted(attempts, "attempt")}.`);
    if (!isSame(delivery.request, request))
      said.push("That was before you changed something: to send it now would count another conversion.");
    else if (message && fates[outcome].mark !== "good") said.push(message);
  }
  if (arrived.length) {
    const last = arrived[arrived.length - 1];
    said.push(`At the simulator ${times(arrived.length)} as “${last.endpoint}”: ${verdict(last)}.`);
  }
  return element(
    "li",
    { "data-outcome": delivery ? fates[delivery.outcome].mark : "good" },
    element("strong", {}, `${platformNames[request.platform]}.`),
    ` ${said.join(" ")}`,
  );
}

/** @type {Record<Delivery["outcome"], { word: string, mark: "good" | "bad" | "doubtful" }>} */
const fates = {
  accepted: { word: "Delivered.", mark: "good" },
  sent: { word: "Sent.", mark: "good" },
  rejected: { word: "Refused.", mark: "bad" },
  unreachable: { word: "Not delivered.", mark: "bad" },
  unknown: { word: "In doubt: it may have been counted.", mark: "doubtful" },
  aborted: { word: "Not sent.", mark: "bad" },
};

/**
 * The log keeps the beginning of a body.
 * @param {{ method: string, url: string, body?: string }} one
 * @param {ConversionRequest} request
 */
function isSame({ method, url, body }, request) {
  return method === request.method && url === request.url && (request.body ?? "").startsWith(body ?? "");
}

/** @param {Arrival} arrival */
function logEntry(arrival) {
  const { number, at, endpoint, outcome } = arrival;
  return element(
    "li",
    { "data-outcome": outcome === "accepted" ? (arrival.repeats ? "doubtful" : "good") : "bad" },
    element("strong", {}, endpoint),
    " ",
    element("span", { className: "when" }, `${number}, ${time.format(at)}: ${verdict(arrival)}`),
  );
}

/**
 * @param {number} count
 * @param {string} noun
 */
function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {number} count */
function times(count) {
  return ["", "once", "twice"][count] ?? `${count} times`;
}
