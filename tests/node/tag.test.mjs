// The script tag in a made-up window: its queue, its settings, its events, and that it never throws.
import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import { bundle, engineOf } from "./bundle.mjs";
import { check, DAY, page, script, started } from "./tag-page.mjs";

/** Values of another world have other prototypes: compare what they hold. */
const same = (actual, expected) => assert.deepEqual(JSON.parse(JSON.stringify(actual)), expected);

test("the page is captured in the script's own task, once the script has run, or as soon as somebody asks", () => {
  const { tag } = started();
  assert.equal(tag.visitor.kameleoon.visitorCode, "abc");
  assert.equal(tag.token, "Aabc.20000");
  assert.equal(tag.version, "1.2.3-test");

  const { window, run } = page({ page: {} });
  run({
    runInContext() {
      script.runInContext(window);
      window.page = { kameleoon: { visitorCode: "asked" } };
      assert.equal(window.aftercall.token, "Aasked.20000");
      window.page = {};
    },
  });
  assert.equal(window.aftercall.token, "Aasked.20000", "the end of the task is no second look");
});

test("the queue is drained in order, and a bad callback stops nothing", () => {
  const seen = [];
  const { run, window, logged } = page({
    aftercall: [
      (tag) => seen.push(["first", tag.token]),
      () => {
        throw new Error("mine");
      },
      "not a function",
      (tag) => tag.push(() => seen.push(["nested"])),
      () => seen.push(["last"]),
    ],
  });
  run();
  assert.deepEqual(seen, [["first", "Aabc.20000"], ["nested"], ["last"]]);
  assert.deepEqual(logged, [], "the page's console is the page's");
  const { ok, checks } = window.aftercall.diagnose();
  assert.equal(ok, false);
  assert.match(checks.find(({ name }) => name === "callbacks").message, /^A callback of this page failed: /);
  window.aftercall.push(
    () => seen.push(["later"]),
    () => seen.push(["and later"]),
  );
  assert.deepEqual(seen.slice(3), [["later"], ["and later"]]);
});

test("whatever a callback throws, the next one runs", () => {
  const { tag } = started();
  let ran = 0;
  for (const thrown of [undefined, null, Symbol("s"), Object.create(null)])
    tag.push(
      () => {
        throw thrown;
      },
      () => ran++,
    );
  assert.equal(ran, 4);
});

test("loaded twice: the first stays", () => {
  const { run, window, tag } = started();
  window.page = {};
  run();
  assert.equal(window.aftercall, tag);
  assert.equal(tag.token, "Aabc.20000");
});

test("an element with the id aftercall is not a tag", () => {
  const { tag } = started({ aftercall: { nodeName: "DIV" } });
  assert.equal(tag.token, "Aabc.20000");
});

test("ready resolves with the tag, and the event carries it", async () => {
  const { run, window, document } = page();
  const events = [];
  document.addEventListener("aftercall:ready", (event) => events.push(event.detail));
  document.addEventListener("aftercall:change", () => events.push("change"));
  run();
  assert.deepEqual(events, [window.aftercall]);
  assert.equal(await window.aftercall.ready, window.aftercall);
});

test("watch: at once, then when the token changes, until stopped", () => {
  const { tag, window, document, show, hide, logged } = started();
  const seen = [];
  const changes = [];
  document.addEventListener("aftercall:change", ({ detail }) => changes.push(detail.token));
  tag.watch(() => {
    throw new Error("mine");
  });
  const stop = tag.watch((it) => seen.push(it.token));
  show();
  hide();
  assert.deepEqual(seen, ["Aabc.20000"], "nothing changed");
  window.page = { kameleoon: { visitorCode: "late" } };
  show();
  assert.deepEqual(seen, ["Aabc.20000", "Alate.20000"]);
  stop();
  window.page = {};
  hide();
  assert.deepEqual(seen.length, 2);
  assert.deepEqual(changes, ["Alate.20000", ""]);
  assert.deepEqual(logged, []);
  assert.match(JSON.stringify(tag.diagnose()), /Error: mine/);
});

test("another day alone is no change", () => {
  const { tag, window, clock, show } = started();
  clock.now += DAY;
  show();
  assert.equal(tag.visitor.capturedAt, 20_000 * DAY);
  assert.equal(tag.token, "Aabc.20000");
  window.page = { kameleoon: { visitorCode: "abc", siteCode: "x" } };
  show();
  assert.equal(tag.visitor.capturedAt, 20_001 * DAY);
  assert.equal(tag.token, "Aabc.20001");
});

test("attributes become globals; aftercallConfig serves where there are none", async () => {
  const telling = new vm.Script(
    await bundle("tag/index.ts", {
      engine: { capture: `(input) => '{"problems":[],"asked":' + input + "}"` },
      format: "iife",
    }),
  );
  const globals = (options) => {
    const { window, run } = page(options);
    run(telling);
    return window.aftercall.visitor.asked.globals;
  };
  const dataset = {
    optimizelyAccount: "1",
    optimizelyProject: "2",
    vwoAccount: "3",
    kameleoonSite: "four",
    convertAccount: "5",
    convertProject: "6",
  };
  const expected = {
    optimizely: { accountId: "1", projectId: "2" },
    vwo: { accountId: "3" },
    kameleoon: { siteCode: "four" },
    convert: { accountId: "5", projectId: "6" },
  };
  same(globals({ dataset }), expected);
  same(globals({ aftercallConfig: dataset }), expected);
  same(globals({ aftercallConfig: { vwoAccount: "3", kameleoonSite: "" }, dataset: { vwoAccount: "33" } }), {
    vwo: { accountId: "33" },
  });
  same(globals(), {});
});

test("an unknown attribute is a problem with a suggestion", () => {
  const messages = (dataset) => started({ dataset }).tag.visitor.problems.map(({ code, message }) => [code, message]);
  same(messages({ vwoAcount: "1", vwoAccount: "2" }), [
    ["unknown-setting", "There is no data-vwo-acount. There is: data-vwo-account."],
  ]);
  same(messages({ constructor: "1" }), [
    [
      "unknown-setting",
      "There is no data-constructor. There is: data-convert-account, data-convert-project, data-consent, data-consent-purposes, data-cookie, data-cookie-domain, data-cookie-days.",
    ],
  ]);
  assert.match(messages({ zone: "1" })[0][1], /data-optimizely-account, .*data-nowasm-src\.$/);
});

test("an unknown value is a problem with a suggestion, and the default holds", () => {
  const messages = (dataset) => {
    const { tag, jar } = started({ dataset: { consent: "none", ...dataset } });
    const [line = ""] = jar.writes;
    return [...tag.visitor.problems.map(({ code, message }) => `${code}: ${message}`), line.split("; ")[0]];
  };
  const kept = "aftercall_ctx=Aabc.20000";
  same(messages({}), [kept]);
  same(messages({ cookie: "a b", cookieDays: "a week" }), [
    'unknown-setting: data-cookie knows no "a b".',
    'unknown-setting: data-cookie-days knows no "a week".',
    kept,
  ]);
  same(messages({ gpc: "ignored" }), ['unknown-setting: data-gpc knows no "ignored". There is: ignore.', kept]);
  same(messages({ outlets: "ctm, calrail" }), [
    'unknown-setting: data-outlets knows no "calrail". There is: callrail, callback.',
    kept,
  ]);
  same(messages({ consent: "coookiebot" }), [
    "no-consent: The visitor did not consent, or not yet: nothing was read.",
    'unknown-setting: data-consent knows no "coookiebot". There is: cookiebot.',
    "",
  ]);
  const days = started({ aftercallConfig: { consent: "none", cookieDays: 7 } }).jar.cookies[0]["Max-Age"];
  assert.equal(days, "604800", "a number is as good as its text");
});

test("no call of the tag throws", () => {
  const { tag } = started();
  same(tag.conversionRequests({}, {}), {
    requests: [],
    skipped: [{ platform: "page", code: "invalid-conversion", message: "No id." }],
    warnings: [],
  });
  const { capturedAt, problems } = tag.unstash("x");
  assert.equal(capturedAt, 20_000 * DAY);
  same(problems, [{ platform: "page", code: "malformed-stash", message: "Not a token." }]);
  same(tag.checkSettings({}), [{ platform: "page", code: "internal", message: "broken" }]);
  const cycle = {};
  cycle.cycle = cycle;
  assert.equal(tag.conversionRequests({}, cycle).skipped[0].code, "invalid-conversion");
  assert.equal(tag.stash(cycle), "");
  same(tag.stashParts(cycle, 1), []);
  same(
    tag.capture(null).problems.map(({ code }) => code),
    ["invalid-page"],
  );
});

test("the tag's own visitor may choose a destination, a token may not", () => {
  const { tag } = started();
  assert.equal(tag.conversionRequests(tag.visitor, { id: "1" }).captured, true);
  assert.equal(tag.conversionRequests(tag.token, { id: "1" }).captured, false);
});

test("where WebAssembly is forbidden the tag stands, empty, until its twin in JavaScript is there", async () => {
  const tries = `() => { window.tries = (window.tries ?? 0) + 1; throw new Error("policy") }`;
  const forbidden = new vm.Script(await bundle("tag/index.ts", { start: tries, format: "iife" }));
  const engine = {
    capture: (input) => `${JSON.stringify({ capturedAt: JSON.parse(input).now, problems: [], kameleoon: {} })}\nAtwin`,
    stash: () => "Atwin",
    unstash: () => '{"capturedAt":1,"problems":[]}',
    conversionRequests: () => '{"requests":[],"skipped":[],"warnings":[]}',
  };
  for (const nowasmSrc of ["", "/twins/own.js"]) {
    const { window, run, document, loaded, jar } = page({
      dataset: { consent: "none", ...(nowasmSrc && { nowasmSrc }) },
    });
    run(forbidden);
    const tag = window.aftercall;
    assert.equal(tag.token, "");
    assert.equal(tag.visitor.problems[0].code, "wasm-blocked");
    assert.equal(tag.unstash("A").problems[0].code, "wasm-blocked");
    assert.equal(tag.conversionRequests("A", { id: "1" }).skipped[0].code, "wasm-blocked");
    assert.equal(await tag.ready, tag);
    assert.equal(window.tries, 1, "one violation is reported, not one a call");
    assert.equal(check(tag, "engine").ok, false);
    const tokens = [];
    tag.watch(({ token }) => tokens.push(token));
    const [twin] = loaded;
    assert.equal(loaded.length, 1);
    const beside = "https://cdn.example/v1/aftercall.nowasm.js";
    assert.deepEqual([twin.src, twin.integrity, twin.nonce], [nowasmSrc || beside, "sha384-n", "abc"]);
    twin.handed = { engine: engineOf(engine) };
    twin.onload();
    await new Promise(setImmediate);
    assert.deepEqual(tokens, ["", "Atwin"]);
    same(tag.visitor.problems, []);
    assert.equal(jar.cookies[0].value, "Atwin");
    assert.equal(tag.unstash("A").capturedAt, 1);
    assert.equal(document.currentScript.dataset.engine, "js");
    assert.match(check(tag, "engine").message, /^Plain JavaScript\. .*'wasm-unsafe-eval'/);
    assert.equal(window.tries, 1);
  }
});

test("a twin that does not come is said; data-engine says which one runs, and may choose", async () => {
  const { document, tag } = started({ dataset: {} });
  assert.equal(document.currentScript.dataset.engine, "wasm");
  assert.equal(check(tag, "engine").ok, true);
  const chosen = started({ dataset: { engine: "js" } });
  assert.equal(chosen.loaded.length, 1);
  chosen.loaded[0].onerror();
  await new Promise(setImmediate);
  assert.match(check(chosen.tag, "aftercall.nowasm.js").message, /did not load/);
  assert.equal(chosen.tag.visitor.problems[0].code, "wasm-blocked");
  const undecided = started({ dataset: { engine: "js", consent: "custom" } });
  assert.deepEqual(undecided.loaded, [], "nothing is loaded before anything may be read");
});

test("a hostile window costs the tag, not the page", () => {
  const { run, logged, window } = page();
  Object.defineProperty(window, "aftercallConfig", {
    get() {
      throw new Error("no");
    },
  });
  run();
  assert.deepEqual(logged, []);
});

test("nothing but window.aftercall is left behind", () => {
  const { run, window } = page();
  const before = Object.keys(window);
  run();
  assert.deepEqual(
    Object.keys(window).filter((key) => !before.includes(key)),
    ["aftercall"],
  );
});
