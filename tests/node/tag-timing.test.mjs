// When the script tag looks again: each platform's own signal, a growing wait that ends, and routes.
import assert from "node:assert/strict";
import test from "node:test";
import { DAY, page, started } from "./tag-page.mjs";

const late = { kameleoon: { visitorCode: "late" } };
const nothing = { page: {} };

test("without any signal it looks again, ever more seldom, and stops", () => {
  const { tag, window, pass } = started(nothing);
  pass(2000);
  window.page = late;
  pass(3000);
  assert.equal(tag.token, "Alate.20000");
  assert.ok(pass(60_000) > 0);
  assert.equal(pass(DAY), 0, "it stopped");
});

test("a page that loads at once is not looked at twice; one that loads slowly is looked at when it has", () => {
  const fast = started(nothing);
  const { reads } = fast.jar;
  fast.load();
  assert.equal(fast.jar.reads, reads);
  fast.window.page = late;
  fast.pass(1000);
  assert.equal(fast.tag.token, "Alate.20000");

  const slow = started(nothing);
  slow.pass(10_000);
  slow.window.page = late;
  slow.load();
  assert.equal(slow.tag.token, "Alate.20000");
});

test("refresh looks at once", () => {
  const { tag, window } = started(nothing);
  window.page = late;
  tag.refresh();
  assert.equal(tag.token, "Alate.20000");
});

const signals = {
  "Optimizely, initialized": {
    queue: "optimizely",
    tell: (queue) => queue.find(({ filter }) => filter.name === "initialized").handler({ type: "lifecycle" }),
    shape: ({ type, filter }) => [type, filter.type, filter.name],
    expected: [
      ["addListener", "lifecycle", "initialized"],
      ["addListener", "lifecycle", "campaignDecided"],
    ],
  },
  "Optimizely, campaignDecided": {
    queue: "optimizely",
    tell: (queue) => queue.find(({ filter }) => filter.name === "campaignDecided").handler({ data: {} }),
  },
  VWO: {
    queue: "VWO",
    tell: (queue) => queue[0][1](["vS", 1, 2]),
    shape: ([name]) => name,
    expected: ["onVariationApplied"],
  },
  Convert: {
    queue: "_conv_q",
    tell: (queue) => queue[0].params.handler({}),
    shape: ({ what, params }) => [what, params.event],
    expected: [
      ["addListener", "snippet.experiences_evaluated"],
      ["addListener", "experience.activated"],
    ],
  },
  Kameleoon: { queue: "kameleoonQueue", tell: (queue) => queue[0](), shape: (it) => typeof it, expected: ["function"] },
};

for (const [name, { queue, tell, shape, expected }] of Object.entries(signals)) {
  test(`${name}: its signal is enough, also when it comes late`, () => {
    for (const delay of [0, 20_000]) {
      const { tag, window, pass } = started({ ...nothing, ...(delay ? {} : { [queue]: [] }) });
      pass(delay);
      window[queue] ??= [];
      pass(120_000);
      if (expected) assert.deepEqual(JSON.parse(JSON.stringify(Array.from(window[queue], shape))), expected);
      tell(window[queue]);
      // It speaks before it writes.
      window.page = late;
      assert.equal(tag.token, "");
      assert.equal(pass(1), 1);
      assert.equal(tag.token, "Alate.20000");
    }
  });
}

test("no platform is made up, and what only looks like one does no harm", () => {
  const hostile = { optimizely: { push: null }, VWO: 5, _conv_q: null };
  const { window, pass, logged, tag } = started({ ...nothing, ...hostile });
  Object.defineProperty(window, "kameleoonQueue", {
    get() {
      throw new Error("no");
    },
  });
  pass(60_000);
  assert.equal(tag.token, "");
  assert.deepEqual(logged, []);
  const { window: empty } = started(nothing);
  for (const name of ["optimizely", "VWO", "_conv_q", "kameleoonQueue", "dataLayer"])
    assert.equal(name in empty, false);
});

test("a window that throws at every turn", () => {
  function broken() {
    throw new Error("no");
  }
  const frozen = Object.freeze({ pushState() {}, replaceState() {} });
  const dataLayer = Object.freeze([["consent", "default", { analytics_storage: "granted" }]]);
  const it = page({ dataset: { consent: "google" }, history: frozen, CustomEvent: broken, dataLayer });
  it.run();
  it.pass(60_000);
  const { aftercall: tag } = it.window;
  assert.equal(tag.token, "Aabc.20000");
  assert.match(JSON.stringify(tag.diagnose()), /Error: no/);
  assert.deepEqual(it.logged, []);
});

test("a new route looks again, after the page's own call", () => {
  for (const modern of [true, false]) {
    const navigation = new EventTarget();
    const calls = [];
    const history = {
      pushState: (...args) => calls.push(["push", ...args]),
      replaceState: (...args) => calls.push(["replace", ...args]),
    };
    const { pushState } = history;
    const it = started({ ...nothing, history, ...(modern ? { navigation } : {}) });
    it.pass(120_000);
    assert.equal(history.pushState === pushState, modern, "nothing is wrapped where there is an event");
    history.pushState({ a: 1 }, "", "/b");
    assert.deepEqual(calls, [["push", { a: 1 }, "", "/b"]]);
    if (modern) navigation.dispatchEvent(new Event("currententrychange"));
    it.window.page = late;
    assert.equal(it.tag.token, "");
    it.pass(1);
    assert.equal(it.tag.token, "Alate.20000");
    it.window.page = {};
    if (modern) navigation.dispatchEvent(new Event("currententrychange"));
    else it.events.dispatchEvent(new Event("popstate"));
    it.pass(1);
    assert.equal(it.tag.token, "");
    it.window.page = late;
    it.pass(2000);
    assert.equal(it.tag.token, "Alate.20000", "platforms decide late on a new route too");
  }
});

test("routes on which nothing changes are no change", () => {
  const navigation = new EventTarget();
  const { document, pass } = started({ navigation });
  let changes = 0;
  document.addEventListener("aftercall:change", () => changes++);
  for (let i = 0; i < 5; i++) {
    navigation.dispatchEvent(new Event("currententrychange"));
    pass(1000);
  }
  assert.equal(changes, 0);
});

test("a prerendered page is read, and nothing is written before somebody sees it", () => {
  const it = page({ dataset: { consent: "none", outlets: "ctm" } });
  it.document.prerendering = true;
  it.run();
  it.pass(5000);
  assert.equal(it.window.aftercall.token, "Aabc.20000");
  assert.deepEqual(it.jar.writes, []);
  assert.deepEqual(it.loaded, []);
  it.document.prerendering = false;
  it.document.dispatchEvent(new Event("prerenderingchange"));
  assert.equal(it.jar.cookies.length, 1);
  assert.equal(it.loaded.length, 1);
});

test("an address that says whom Convert knew elsewhere is kept until consent comes", async () => {
  const { bundle } = await import("./bundle.mjs");
  const vm = await import("node:vm");
  const engine = { capture: `(input) => JSON.stringify({ problems: [], url: JSON.parse(input).url })` };
  const script = new vm.Script(await bundle("tag/index.ts", { engine, format: "iife" }));
  const arrived = "https://www.shop.example/?_conv_v=vi:1*sc:1&_conv_s=si:1*sh:2";
  const { window, run } = page({ dataset: { consent: "custom" }, url: arrived });
  run(script);
  window.location.href = "https://www.shop.example/next";
  window.aftercall.consent(true);
  assert.equal(window.aftercall.visitor.url, arrived);
});
