// Pages that make life hard for every script in them: with the tag they do what they do without it.
import assert from "node:assert/strict";
import test from "node:test";
import { serveBeside, visit } from "./browser.mjs";

/** What each page does to the window before anything else loads, and how it takes that back before it tells what it saw. */
const hostilities = {
  "nothing special": [""],
  "frozen prototypes": [
    "[Object, Array, String, Function, Map, Set].forEach(({ prototype }) => Object.freeze(prototype));",
  ],
  "frozen globals": ["Object.freeze(history); Object.freeze(JSON); Object.freeze(navigator);"],
  "globals that throw": [
    `for (const name of ["optimizely", "VWO", "_vwo_code", "Kameleoon", "kameleoonQueue", "convert", "_conv_q", "CallTrk",
        "__ctm", "__ctm_cvars", "_rgba_tags", "_ictt", "Invoca", "Retreaver", "dataLayer", "__tcfapi"])
      Object.defineProperty(window, name, { get() { throw new Error("trapped"); }, set() { throw new Error("trapped"); } });`,
  ],
  "globals that are something else": [
    `for (const name of ["optimizely", "VWO", "kameleoonQueue", "_conv_q", "CallTrk", "__ctm_cvars", "_rgba_tags", "_ictt", "aftercall"])
      window[name] = 7;`,
  ],
  "JSON of its own": [
    `const { parse, stringify } = JSON;
    JSON.parse = () => { throw new Error("no JSON"); };
    JSON.stringify = () => "not JSON";`,
    "Object.assign(JSON, { parse, stringify });",
  ],
  "arrays of its own": [
    `Array.prototype.toJSON = () => "a text"; Array.prototype.last = function () { return this[this.length - 1]; };
    Object.prototype.added = 1;`,
    "delete Array.prototype.toJSON; delete Array.prototype.last; delete Object.prototype.added;",
  ],
  "cookies that throw": [
    `const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
    Object.defineProperty(Document.prototype, "cookie", { configurable: true, get() { throw new Error("no cookies"); }, set() { throw new Error("no cookies"); } });`,
    `Object.defineProperty(Document.prototype, "cookie", cookie);`,
  ],
  "storage denied": [
    `for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });`,
  ],
  "five thousand changes a second": [
    `let changes = 0;
    const started = performance.now();
    const timer = setInterval(() => {
      const due = Math.min(5000, Math.floor((performance.now() - started) * 5));
      for (; changes < due; changes++) {
        const one = document.createElement("i");
        document.body.append(one);
        if (changes % 2) one.remove();
      }
      if (changes === 5000) clearInterval(timer);
    }, 10);`,
    "",
  ],
};

/** What the page itself does and sees. */
const behaviour = `
  const attempt = (run) => { try { return String(run()); } catch (error) { return "threw " + error.name; } };
  const seen = () => ({
    json: attempt(() => JSON.stringify({ list: [1, 2], text: "a" })),
    parsed: attempt(() => JSON.parse("[1,2]").length),
    keys: attempt(() => { const keys = []; for (const key in [1]) keys[keys.length] = key; return keys.join(); }),
    cookie: attempt(() => { document.cookie = "own=1"; return /own=1/.test(document.cookie); }),
    storage: attempt(() => { localStorage.setItem("own", "1"); return localStorage.getItem("own"); }),
    route: attempt(() => { history.pushState({ own: 1 }, "", "#own"); return location.hash + history.state.own; }),
    named: [history.pushState, history.replaceState, JSON.parse, Array.prototype.push].map((one) => typeof one).join(),
    field: document.querySelector("#own").value,
    elements: document.body.querySelectorAll("*").length,
    pops, errors, said,
    globals: Object.keys(window).filter((name) => !known.has(name) && name !== "aftercall" && name !== "result").sort().join(),
  });`;

const page = (script, [before, after = ""]) => `<!doctype html><html lang="en"><title>Test</title>
  <link rel="icon" href="data:,"><body><input id="own" value="typed">
  <script>(() => {
    const errors = [], said = [];
    let pops = 0;
    addEventListener("error", ({ message }) => { errors[errors.length] = message; });
    addEventListener("unhandledrejection", ({ reason }) => { errors[errors.length] = "rejected " + reason; });
    addEventListener("popstate", () => pops++);
    for (const name of ["log", "warn", "error"]) console[name] = (text) => { said[said.length] = text; };
    ${before}
    const known = new Set(Object.keys(window));
    ${behaviour}
    setTimeout(() => {
      const first = seen();
      ${after}
      const second = seen();
      window.result = { first, second, tag: typeof window.aftercall?.diagnose };
    }, 1600);
  })();</script>
  <script src="/${script}" data-consent="none" data-outlets="auto forms event"></script></body></html>`;

test("with the tag a hostile page does what it does without", async (t) => {
  const scripts = { without: "nothing.js", with: "dist/aftercall.js" };
  /** @type {Record<string, { with: any, without: any }>} */
  let seen = {};
  await visit(async ({ page: tab, url }) => {
    // Each in a frame: a window of its own, beside one that is not hostile, and all in the same two seconds.
    const pages = {};
    const names = Object.keys(hostilities);
    names.forEach((name, index) => {
      for (const [which, script] of Object.entries(scripts))
        pages[`${which}${index}`] = page(script, hostilities[name]);
    });
    const frames = Object.keys(pages).map((path) => `<iframe name="${path}" src="/${path}" title="${path}"></iframe>`);
    await serveBeside(tab, url, {
      ...pages,
      all: `<!doctype html><html lang="en"><title>All</title><link rel="icon" href="data:,">${frames.join("")}`,
      "nothing.js": { headers: { "Content-Type": "text/javascript" }, body: "" },
    });
    await tab.goto(`${url}all`);
    await tab.waitForFunction(() => Array.from(window).every((frame) => frame.result));
    const results = await tab.evaluate(() => Array.from(window).map((frame) => [frame.name, frame.result]));
    const byPath = Object.fromEntries(results);
    seen = Object.fromEntries(
      names.map((name, index) => [name, { with: byPath[`with${index}`], without: byPath[`without${index}`] }]),
    );
  });
  for (const [name, results] of Object.entries(seen))
    await t.test(name, () => {
      const { tag, ...ours } = results.with;
      const { tag: nobody, ...theirs } = results.without;
      assert.equal(nobody, "undefined");
      assert.equal(tag, "function", "the tag itself is there");
      assert.deepEqual(ours, theirs);
    });
});
