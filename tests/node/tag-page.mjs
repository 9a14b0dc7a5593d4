// A made-up window for the script tag: its document, its cookies, its clock and its timers.
import vm from "node:vm";
import { bundle } from "./bundle.mjs";

export const DAY = 864e5;

/** An engine whose page is `window.page`: the context without its time. The token is the visitor's code and its day. */
export const engine = {
  capture: `(input) => {
    const { page, now, stash: wanted } = JSON.parse(input);
    const text = JSON.stringify({ capturedAt: now, problems: [], ...JSON.parse(page.storage?.kameleoon ?? "{}") });
    return wanted ? text + "\\n" + stash(text, 0) : text;
  }`,
  stash: `(visitor, maxLength) => {
    const { kameleoon, capturedAt } = JSON.parse(visitor);
    const token = kameleoon ? "A" + kameleoon.visitorCode + "." + Math.floor(capturedAt / 864e5) : "";
    return maxLength ? token.match(new RegExp(".{1," + maxLength + "}", "g")).map((part) => part[0] === "A" ? part : "A" + part).join(" ") : token;
  }`,
  unstash: `() => '{"error":{"code":"malformed-stash","message":"Not a token."}}'`,
  conversionRequests: `(input) => JSON.parse(input).conversion?.id
    ? JSON.stringify({ requests: [], skipped: [], warnings: [], captured: JSON.parse(input).captured })
    : '{"error":{"code":"invalid-conversion","message":"No id."}}'`,
  checkSettings: `() => { throw new TypeError("broken") }`,
};
export const script = new vm.Script(await bundle("tag/index.ts", { engine, format: "iife" }));

/** Suffixes under which anybody may register: browsers refuse cookies for them. */
const PUBLIC = ["com", "uk", "co.uk", "example"];

/** A browser's cookies for one page, as far as a page can tell: RFC 6265, and no cookie for a public suffix. */
export class Jar {
  cookies = [];
  writes = [];
  reads = 0;
  constructor(url) {
    this.url = url;
  }
  get text() {
    this.reads++;
    return this.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
  set(line) {
    this.writes.push(line);
    const [pair, ...attributes] = line.split("; ");
    const [name, value] = pair.split("=");
    const { Domain = "", ...flags } = Object.fromEntries(attributes.map((it) => it.split("=")));
    const { hostname, protocol } = this.url;
    if (Domain && (PUBLIC.includes(Domain) || !`.${hostname}`.endsWith(`.${Domain}`))) return;
    if ("Secure" in flags && protocol !== "https:" && hostname !== "localhost") return;
    this.cookies = this.cookies.filter((it) => it.name !== name || it.domain !== Domain);
    if (flags["Max-Age"] !== "0") this.cookies.push({ name, value, domain: Domain, ...flags });
  }
}

/** A window that the tag has not yet run in. */
export function page({ dataset, now = 20_000 * DAY, url = "https://www.shop.example/", ...globals } = {}) {
  const location = new URL(url);
  const jar = new Jar(location);
  const loaded = [];
  const document = Object.assign(new EventTarget(), {
    currentScript: dataset ? { dataset, src: "https://cdn.example/v1/aftercall.js", nonce: "abc" } : null,
    baseURI: url,
    createElement: () => ({}),
    head: { append: (element) => loaded.push(element) },
  });
  Object.defineProperty(document, "cookie", { get: () => jar.text, set: (line) => jar.set(line), configurable: true });
  const events = new EventTarget();
  const logged = [];
  const clock = { now };
  const timers = [];
  const endings = [];
  const window = vm.createContext({
    document,
    CustomEvent,
    Event,
    URL,
    location,
    navigator: {},
    history: { pushState() {}, replaceState() {} },
    console: { error: (error) => logged.push(error) },
    addEventListener: events.addEventListener.bind(events),
    setTimeout: (run, wait = 0) => timers.push({ run, at: clock.now + wait }),
    queueMicrotask: (work) => endings.push(work),
    clearTimeout: (id) => Object.assign(timers[id - 1] ?? {}, { done: true }),
    page: { kameleoon: { visitorCode: "abc" } },
    // Where the tag finds it.
    localStorage: {
      key: (index) => (index === 0 ? "kameleoon" : null),
      getItem: () => JSON.stringify(window.page),
    },
    ...globals,
  });
  window.window = window;
  window.clock = clock;
  vm.runInContext("Date.now = () => clock.now", window);
  return {
    window,
    document,
    events,
    jar,
    loaded,
    logged,
    clock,
    /** Runs the tag, or another script, and what it wants done after it. */
    run(it = script) {
      it.runInContext(window);
      for (const end of endings.splice(0)) end();
    },
    /** Somebody comes back to the page as it was left. */
    show: () => events.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true })),
    /** It has loaded. */
    load: () => events.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false })),
    hide: () => document.dispatchEvent(new Event("visibilitychange")),
    /** Lets time go by; how many timers ran? */
    pass(ms) {
      const end = clock.now + ms;
      for (let ran = 0; ; ran++) {
        const due = timers.filter((it) => !it.done && it.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due || ran > 100) {
          clock.now = end;
          return ran;
        }
        due.done = true;
        clock.now = Math.max(clock.now, due.at);
        due.run();
      }
    },
  };
}

export const started = (options) => {
  const it = page(options);
  it.run();
  return { ...it, tag: it.window.aftercall };
};

/** What `diagnose()` says of one thing. */
export const check = (tag, name) => tag.diagnose().checks.find((it) => it.name === name);
