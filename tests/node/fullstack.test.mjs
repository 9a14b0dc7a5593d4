// What the facade of aftercall/vwo-fullstack does around its module: a module of the test's own stands in for it.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./bundle.mjs";

/** A face over a module that behaves like that, and what the module is asked. */
async function facade(behaviour = {}) {
  const asked = [];
  const log = (what, ...parts) => {
    asked.push([what, ...parts]);
    return behaviour[what];
  };
  const engine = (storage) => {
    log("start")?.();
    let client;
    return {
      launch(settings, options) {
        log("launch", settings, options)?.();
        client = [settings, options, storage?.get, storage?.set];
      },
      ask(what, kind, campaigns, user, goal, options, now, random) {
        if (what === 4) return behaviour.launchLog ?? "[]";
        if (what === 3) return log("updateSettings", campaigns)?.(campaigns) ?? "[]";
        const call = [kind, campaigns, user, goal, options];
        if (what === 2) return log("explain", ...call)?.(client, ...call) ?? "[]\n[[],[]]";
        return log("track", ...call, now, random, what === 1)?.(client, ...call) ?? "null\n";
      },
    };
  };
  const { createFullstack, ...face } = await load("fullstack.ts");
  return { ...createFullstack(engine), ...face, asked, names: () => asked.map(([what]) => what) };
}

const request = { platform: "vwo", method: "GET", url: "https://dev.visualwebsiteoptimizer.com/", headers: {} };
/** A module's answer to `track`. */
const answer = (result, requests = [], told = "") => {
  const lines = requests.flatMap(({ url, headers, body = "" }) => [
    url,
    JSON.stringify(headers),
    body,
    "key",
    "unproven",
  ]);
  return [JSON.stringify(result), told, ...lines].join("\n");
};
const answering = (result, ...requests) => ({ track: () => answer(result, requests) });

test("importing starts nothing, each launch does, once", async () => {
  const { launch, names } = await facade();
  assert.deepEqual(names(), []);
  const client = launch({ settingsFile: {} });
  client.track("K", "u", "g");
  launch({ settingsFile: {} });
  assert.deepEqual(names(), ["start", "launch", "track", "start", "launch"]);
});

test("a call crosses once, with texts", async () => {
  const { launch, asked } = await facade();
  const service = {};
  service.self = service;
  const client = launch({ settingsFile: { a: undefined, b: [1] }, sdkKey: "K" });
  assert.deepEqual(asked.at(-1), ["launch", '{"b":[1]}', '{"sdkKey":"K"}']);
  const arguments_ = (...call) => {
    client.track(...call);
    const [what, kind, keys, userId, goal, options, now, random, log] = asked.pop();
    assert.equal(log, false);
    assert.ok(what === "track" && Math.abs(now - Date.now()) < 1000 && random >= 0 && random < 1);
    return [kind, keys, userId, goal, options];
  };
  assert.deepEqual(arguments_("K", "user", "goal"), [0, "K", "user", "goal", ""]);
  assert.deepEqual(arguments_(["K", 7, null], "user", "goal"), [1, '["K",["7"],["null"]]', "user", "goal", ""]);
  assert.equal(arguments_(["K", undefined, NaN, [1, 2]], "u", "g")[1], '["K",["undefined"],["NaN"],["1,2"]]');
  for (const nothing of [null, undefined])
    assert.deepEqual(arguments_(nothing, "user", "goal", {}), [2, "", "user", "goal", "{}"]);
  // What is no text becomes what the module refuses, and so does a user's id that cannot be told.
  for (const wrong of [12, {}, "", null, undefined])
    assert.deepEqual(arguments_(wrong ?? 0, wrong, wrong), [0, "", "", "", ""]);
  assert.deepEqual(arguments_("a\ud800", "a\ud800", "a\ud800"), [0, "a\ud800", "", "a\ud800", ""]);
  // A place that nothing was put into is no key.
  assert.deepEqual(arguments_(Object.assign(new Array(3), { 1: "K" }), "u", "g")[1], '["K"]');
  for (const wrong of [null, [], "text", 5, new Map()]) assert.deepEqual(arguments_("K", "u", "g", wrong)[4], "0");
  const options = (given) => JSON.parse(arguments_("K", "u", "g", given)[4]);
  assert.deepEqual(
    options({ customVariables: { n: NaN, u: undefined, z: null, t: true, l: [1, [2]], o: {}, b: 5n, d: 1e21, m: -0 } }),
    {
      customVariables: {
        n: ["NaN"],
        u: [""],
        z: null,
        t: true,
        l: ["1,2"],
        o: ["[object Object]"],
        b: ["5"],
        d: 1e21,
        m: 0,
      },
    },
  );
  for (const wrong of [[], "a", 5, () => {}])
    assert.equal(typeof options({ customVariables: wrong }).customVariables, "string");
  assert.deepEqual(options({ customVariables: null, metaData: [] }), { customVariables: "", metaData: [] });
  assert.deepEqual(options({ metaData: { deep: 1n } }), { metaData: {} });
  assert.deepEqual(options({ revenueValue: Infinity }), { revenueValue: "Infinity" });
  assert.deepEqual(options({ revenueValue: 5n }), { revenueValue: "5" });
  assert.deepEqual(options({ customVariables: { a: Object.create(null), b: 1 } }), {
    customVariables: { a: { toString: 0 }, b: 1 },
  });
  // Such as a query's parameters in Node: the SDK stumbles over the missing method.
  const bare = Object.assign(Object.create(null), { a: 1 });
  assert.deepEqual(options({ customVariables: bare, variationTargetingVariables: bare }), {
    customVariables: { a: 1, hasOwnProperty: "" },
    variationTargetingVariables: { a: 1 },
  });
  const proto = options({ customVariables: JSON.parse('{"__proto__":"x"}') }).customVariables;
  assert.deepEqual(Object.entries(proto), [["__proto__", "x"]]);
  // Event properties without a place in JSON are there, but not sent. What nobody asks for does not get in the way.
  assert.deepEqual(
    options({ eventProperties: { a: () => {}, b: 1, c: undefined }, request: service, responseCallback() {} }),
    { eventProperties: { b: 1 }, unset: ["a", "c"] },
  );
  assert.deepEqual(options({ eventProperties: new Date(0) }), { eventProperties: {} });
  for (const odd of ["ab", [5], null]) assert.deepEqual(options({ eventProperties: odd }), { eventProperties: odd });
  // What JSON refuses costs no conversion where nobody asks for it.
  assert.deepEqual(options({ eventProperties: { id: 5n }, revenueValue: 3 }), {
    eventProperties: null,
    revenueValue: 3,
  });
  assert.deepEqual(options({ eventProperties: { id: 5 }, revenueValue: service }), {
    eventProperties: { id: 5 },
    revenueValue: "[object Object]",
  });
  assert.deepEqual(options({ revenueValue: 0n, userAgent: service }), {
    revenueValue: 0,
    userAgent: "[object Object]",
  });
  assert.deepEqual(options({ userStorageData: { campaignKey: "K", variationName: undefined, id: 5n } }), {
    userStorageData: { campaignKey: "K", variationName: null },
  });
  // What has no text in JSON must not pass for what was not given.
  for (const name of ["userStorageData", "metaData"]) assert.deepEqual(options({ [name]: new Map() }), { [name]: [] });
  for (const name of ["goalTypeToTrack", "shouldTrackReturningUser", "userStorageData", "metaData"])
    for (const wrong of [() => {}, Symbol("s")]) assert.deepEqual(options({ [name]: wrong }), { [name]: [] });
});

test("launch options cross without what services hold", async () => {
  const { launch, asked } = await facade();
  const service = { get() {}, set() {} };
  service.self = service;
  const options = (given) => {
    launch({ settingsFile: {}, log() {}, dispatch() {}, ...given });
    return JSON.parse(asked.pop()[2]);
  };
  assert.deepEqual(options({ userStorageService: service, integrations: service, isDevelopmentMode: true }), {
    userStorageService: {},
    integrations: {},
    isDevelopmentMode: true,
  });
  assert.deepEqual(options({ userStorageService: null, integrations: [] }), {
    userStorageService: null,
    integrations: [],
  });
  const logging = { level: 3, logger: service };
  assert.deepEqual(options({ logging, unknown: service, other: 5n }), { logging: { level: 3 } });
  assert.deepEqual(options({ goalTypeToTrack: () => {} }), { goalTypeToTrack: [] });
  assert.deepEqual(options({ userStorageService: new Map() }), { userStorageService: [] });
  // Options that cannot be read are none, not the defaults.
  launch({ settingsFile: {}, goalTypeToTrack: service });
  assert.deepEqual(asked.pop(), ["launch", "{}", ""]);
});

test("settings as text come out as an object would", async () => {
  const { launch, asked } = await facade();
  launch({ settingsFile: '{"b": 1, "7": 2, "b": 3.0}' });
  assert.equal(asked.at(-1)[1], '{"7":2,"b":3}');
});

test("nothing throws, whatever is passed in", async () => {
  const lines = [];
  const log = (...line) => lines.push(line);
  const { launch } = await facade(answering({ K: true }, request));
  const cyclic = {};
  cyclic.self = cyclic;
  const hostile = {
    get customVariables() {
      throw new Error("no");
    },
  };
  for (const options of [
    undefined,
    null,
    5,
    {},
    { settingsFile: "{" },
    { settingsFile: cyclic, log },
    { logging: cyclic },
    { log: 5 },
  ]) {
    const client = launch(options);
    client.updateSettings(cyclic);
    client.explain();
    assert.deepEqual(await client.flush(), []);
  }
  assert.ok(lines.length > 0);
  lines.length = 0;
  const dispatch = () => {
    throw new Error("dispatch");
  };
  const client = launch({ settingsFile: {}, dispatch, log });
  assert.deepEqual(client.track("K", "u", "g"), { K: true });
  assert.deepEqual(lines, [["error", "dispatch threw: dispatch"]]);
  assert.equal(client.track("K", "u", "g", hostile), null);
  assert.deepEqual(client.track("K", "u", "g", { eventProperties: cyclic }), { K: true });
  assert.equal(lines.length, 3);
  assert.ok(lines.every(([level]) => level === "error"));
  const loud = launch({
    settingsFile: {},
    dispatch,
    log: () => {
      throw new Error("log");
    },
  });
  assert.deepEqual(loud.track("K", "u", "g"), { K: true });
});

test("nothing throws where options throw as they are read", async () => {
  const { launch } = await facade();
  const fails = () => {
    throw new Error("no");
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const name of ["log", "dispatch", "settingsFile", "userStorageService", "integrations", "sdkKey"]) {
    const options = Object.defineProperty({ settingsFile: {} }, name, { get: fails });
    assert.equal(launch(options).track("K", "u", "g"), null);
  }
  for (const options of [proxy, new Proxy({}, { get: fails })]) {
    const client = launch(options);
    assert.equal(client.track(options, options, options, options), null);
    client.updateSettings(options);
  }
});

test("what is thrown may be anything", async () => {
  class Hidden extends Error {
    get message() {
      throw this;
    }
  }
  const decided = answer({ K: true }, [request], '[[{"campaignKey":"K"}],[]]');
  for (const thrown of [undefined, null, Symbol("s"), Object.create(null), new Hidden()]) {
    const fails = () => {
      throw thrown;
    };
    const lines = [];
    const { launch } = await facade({
      track: ([, , get, set]) => {
        assert.deepEqual([get("u", "K"), set("{}")], [undefined, false]);
        return decided;
      },
    });
    const client = launch({
      settingsFile: {},
      userStorageService: { get: fails, set: fails },
      integrations: { callback: fails },
      dispatch: fails,
      log: (level, text) => lines.push([level, text.split(" threw: ")[0]]),
    });
    assert.deepEqual(client.track("K", "u", "g"), { K: true });
    assert.deepEqual(
      lines,
      ["userStorageService.get", "userStorageService.set", "integrations.callback", "dispatch"].map((what) => [
        "error",
        what,
      ]),
    );
  }
});

test("functions that fail later end no process", async (t) => {
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => process.off("unhandledRejection", unhandled));
  const lines = [];
  const later = async () => {
    throw new Error("later");
  };
  const { launch } = await facade({
    track: ([, , get, set]) => {
      assert.deepEqual([get("u", "K"), set("{}")], ["{}", true]);
      return answer({ K: true }, [request], '[[{"campaignKey":"K"}],[]]');
    },
  });
  const client = launch({
    settingsFile: {},
    userStorageService: { get: later, set: later },
    integrations: { callback: later },
    dispatch: later,
    log: (level, text) => {
      lines.push([level, text]);
      return later();
    },
  });
  assert.deepEqual(client.track("K", "u", "g"), { K: true });
  await new Promise(setImmediate);
  assert.equal(unhandled.mock.callCount(), 0);
  assert.match(lines.shift()[1], /gave a promise/);
  assert.deepEqual(
    lines,
    ["userStorageService.get", "userStorageService.set", "integrations.callback", "dispatch"].map((what) => [
      "error",
      `${what} threw: later`,
    ]),
  );
});

test("where WebAssembly is forbidden every answer is null, and the log says why", async () => {
  const { launch, names } = await facade({
    start: () => {
      throw new Error("policy");
    },
  });
  const lines = [];
  const client = launch({ settingsFile: {}, log: (...line) => lines.push(line) });
  assert.equal(client.track("K", "u", "g"), null);
  assert.deepEqual(client.explain("K", "u", "g"), []);
  assert.ok(lines.length > 0 && lines.every(([level, text]) => level === "error" && text.includes("WebAssembly")));
  assert.ok(!names().includes("launch"));
});

test("a module that fails is started anew, and so is one with newer settings", async () => {
  let failing = false;
  const { launch, names, asked } = await facade({
    track: () => {
      if (failing) throw new WebAssembly.RuntimeError("unreachable");
      return answer({ K: true });
    },
  });
  const lines = [];
  const one = launch({ settingsFile: { one: 1 }, log: (...line) => lines.push(line) });
  const two = launch({ settingsFile: { two: 2 } });
  two.updateSettings({ two: 3 });
  failing = true;
  assert.equal(one.track("K", "u", "g"), null);
  assert.match(lines.at(-1)[1], /unreachable/);
  failing = false;
  asked.length = 0;
  assert.deepEqual(two.track("K", "u", "g"), { K: true });
  assert.deepEqual(one.track("K", "u", "g"), { K: true });
  assert.deepEqual(two.track("K", "u", "g"), { K: true });
  assert.deepEqual(names(), ["start", "launch", "track", "start", "launch", "track", "track"]);
  assert.deepEqual(asked[1][1], '{"two":3}');
  assert.deepEqual(asked[4][1], '{"one":1}');
});

test("what the module has to say goes to the log", async () => {
  const warn = (text) => ["warn", text];
  const lines = [];
  const { launch } = await facade({
    launchLog: JSON.stringify([warn("launch")]),
    track: () => answer({ K: false }, [], JSON.stringify([[], [warn("track")]])),
    explain: () => `[{"campaignKey":"K","tracked":false,"reason":"why"}]\n${JSON.stringify([[], [warn("explain")]])}`,
    updateSettings: () => JSON.stringify([warn("update")]),
  });
  const client = launch({ settingsFile: {}, log: (...line) => lines.push(line) });
  assert.deepEqual(client.track("K", "u", "g"), { K: false });
  assert.deepEqual(client.track("K", "u", "g", null), { K: false });
  assert.deepEqual(client.explain("K", "u", "g"), [{ campaignKey: "K", tracked: false, reason: "why" }]);
  client.updateSettings({});
  assert.deepEqual(lines, ["launch", "track", "track", "explain", "update"].map(warn));
});

test("a storage that calls its own client, and one within which the module fails", async () => {
  const lines = [];
  let client;
  const inner = [];
  const { launch, names } = await facade({
    track: ([, , get], _, key) => {
      if (key === "trap") throw new WebAssembly.RuntimeError("unreachable");
      if (key === "outer") get("u", "K");
      return answer({ [key]: true });
    },
  });
  const get = () => {
    inner.push(client.track("inner", "u", "g"), client.track("trap", "u", "g"), client.track("inner", "u", "g"));
    client.updateSettings({ newer: 1 });
  };
  client = launch({ settingsFile: {}, userStorageService: { get, set() {} }, log: (...line) => lines.push(line) });
  assert.deepEqual(client.track("outer", "u", "g"), { outer: true });
  assert.deepEqual(inner, [{ inner: true }, null, null]);
  assert.ok(!names().includes("updateSettings"));
  assert.equal(lines.length, 3);
  const starts = () => names().filter((name) => name === "start").length;
  assert.equal(starts(), 1, "not before the outermost call has ended");
  assert.deepEqual(client.track("again", "u", "g"), { again: true });
  assert.equal(starts(), 2);
});

test("storage and integrations get what the caller passed, and their faults stay theirs", async () => {
  const seen = [];
  const { launch } = await facade({
    track: ([, , get, set]) => {
      seen.push(get("u", "K"), set('{"userId":"u","metaData":{}}'));
      return answer(null, [], '[[{"campaignKey":"K"}],[]]');
    },
  });
  const metaData = { at: new Date(), self: () => {} };
  const customVariables = { any: new Map() };
  const calls = [];
  const service = {
    get(...call) {
      calls.push(call);
      return { variationName: "Control" };
    },
    set: (data) => calls.push(data),
  };
  const callback = (decision) => calls.push(decision);
  launch({ settingsFile: {}, userStorageService: service, integrations: { callback } }).track("K", "u", "g", {
    metaData,
    customVariables,
  });
  assert.deepEqual(seen, ['{"variationName":"Control"}', true]);
  assert.deepEqual(calls[0], ["u", "K"]);
  assert.equal(calls[1].metaData, metaData);
  assert.equal(calls[2].customVariables, customVariables);
  assert.deepEqual(calls[2].variationTargetingVariables, {});

  const lines = [];
  const fails = () => {
    throw new Error("away");
  };
  seen.length = 0;
  launch({
    settingsFile: {},
    userStorageService: { get: fails, set: fails },
    integrations: { callback: fails },
    log: (...line) => lines.push(line),
  }).track("K", "u", "g");
  assert.deepEqual(seen, [undefined, false]);
  assert.deepEqual(
    lines.map(([, text]) => text),
    ["userStorageService.get threw: away", "userStorageService.set threw: away", "integrations.callback threw: away"],
  );
});

test("flush: what became of each request", async (t) => {
  const { launch } = await facade({
    track: (_, __, keys) => answer({ [keys]: true }, [{ ...request, url: keys }]),
  });
  const client = launch({ settingsFile: {} });
  let release;
  const gate = new Promise((resolve) => {
    release = resolve;
  });
  const fetched = t.mock.method(globalThis, "fetch", async (url) => {
    await gate;
    if (url === "refused") return new Response("no", { status: 403 });
    if (url === "busy") return new Response("later", { status: 503 });
    if (url === "gone") throw new TypeError("fetch failed", { cause: { syscall: "connect" } });
    if (url === "lost") throw new TypeError("fetch failed", { cause: { code: "ECONNRESET", syscall: "read" } });
    if (url === "odd") throw undefined;
    if (url === "slow") throw new DOMException("too slow", "TimeoutError");
    return new Response("ok");
  });
  for (const url of ["fine", "refused", "busy", "gone", "lost", "odd", "slow"]) client.track(url, "u", "g");
  const flushed = client.flush();
  release();
  const outcomes = (deliveries) =>
    Object.fromEntries(
      deliveries.map(({ request, outcome, status, attempts }) => [request.url, [outcome, status, attempts]]),
    );
  assert.deepEqual(outcomes(await flushed), {
    fine: ["accepted", 200, 1],
    refused: ["rejected", 403, 1],
    busy: ["unreachable", 503, 1],
    gone: ["unreachable", undefined, 1],
    lost: ["unknown", undefined, 1],
    odd: ["unknown", undefined, 1],
    slow: ["unknown", undefined, 1],
  });
  const [, { headers, keepalive, mode }] = fetched.mock.calls[0].arguments;
  assert.equal(headers["User-Agent"], "aftercall/1.2.3-test");
  assert.deepEqual([keepalive, mode], [undefined, undefined]);
  assert.deepEqual(await client.flush(), [], "each is told once");
  for (let sent = 0; sent < 1100; sent++) client.track("fine", "u", "g");
  assert.equal((await client.flush()).length, 1000, "who never flushes does not run out of memory");
});

test("flush waits for no answer that cannot come", async (t) => {
  const { launch } = await facade(answering({ K: true }, request));
  t.mock.timers.enable({ apis: ["Date", "setTimeout"], now: 1000 });
  // A worker's requests end with it, and nobody hears of them.
  let forgotten = true;
  t.mock.method(globalThis, "fetch", () => (forgotten ? new Promise(() => {}) : Promise.resolve(new Response("ok"))));
  const client = launch({ settingsFile: {} });
  const outcomes = async (flushing) => (await flushing).map(({ outcome }) => outcome);
  client.track("K", "u", "g");
  t.mock.timers.tick(4000);
  forgotten = false;
  const flushing = client.flush();
  client.track("K", "u", "g");
  t.mock.timers.tick(7000);
  assert.deepEqual(await outcomes(flushing), ["unknown"]);
  assert.deepEqual(await outcomes(client.flush()), ["accepted"]);
});

test("in a page requests outlive it, and a plain GET asks for nobody's leave", async (t) => {
  globalThis.document = {};
  t.after(() => delete globalThis.document);
  const post = { ...request, method: "POST", body: "{}", headers: { "Content-Type": "application/json" } };
  const { launch } = await facade(answering({ K: true }, request, post, { ...post, body: "x".repeat(60_000) }));
  const opaque = { type: "opaque", status: 0 };
  const fetched = t.mock.method(globalThis, "fetch", async (_, { mode }) => (mode ? opaque : new Response("ok")));
  const client = launch({ settingsFile: {} });
  client.track("K", "u", "g");
  const deliveries = await client.flush();
  assert.deepEqual(
    fetched.mock.calls.map(({ arguments: [, { keepalive, mode, headers }] }) => [
      keepalive,
      mode,
      headers["User-Agent"],
    ]),
    [
      [true, "no-cors", undefined],
      [true, undefined, undefined],
      [false, undefined, undefined],
    ],
  );
  assert.deepEqual(
    deliveries.map(({ outcome }) => outcome),
    ["sent", "accepted", "accepted"],
  );
});

test("fetchSettings: VWO's address for an SDK key", async (t) => {
  const { fetchSettings } = await facade();
  let answer = () => Response.json({ version: 1 });
  const fetched = t.mock.method(globalThis, "fetch", async () => answer());
  assert.deepEqual(await fetchSettings(123, "K&y"), { version: 1 });
  const url = new URL(fetched.mock.calls[0].arguments[0]);
  assert.equal(url.origin + url.pathname, "https://dev.visualwebsiteoptimizer.com/server-side/settings");
  assert.match(url.search, /^\?a=123&i=K%26y&r=0\.\d+&platform=server&sdk=aftercall&sdk-v=1\.2\.3-test$/);
  for (const refused of [
    () => new Response("no", { status: 403 }),
    () => Response.json([]),
    () => new Response("<html>"),
  ]) {
    answer = refused;
    await assert.rejects(fetchSettings(123, "SECRET"), ({ message }) => !message.includes("SECRET"));
  }
});
