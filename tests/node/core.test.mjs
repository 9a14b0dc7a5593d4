// The facade over an engine: what it passes on, what it never lets through, and when it starts.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { engineOf, load, quietEngine } from "./bundle.mjs";

const { createCore, AftercallError } = await load("core.ts");
const { batches } = await load("batches.ts");
const { once } = await load("once.ts");

/** An engine that notes its inputs and answers what it is told to. */
function engine(answers = {}) {
  const calls = [];
  const functions = Object.keys(quietEngine).map((name) => [
    name,
    (...inputs) => {
      calls.push([name, ...inputs]);
      if (name in answers) return answers[name];
      return name === "stash" ? "" : '{"capturedAt":0,"problems":[]}';
    },
  ]);
  return Object.assign(engineOf(Object.fromEntries(functions)), { calls });
}
const input = ([, text]) => JSON.parse(text);

test("a page that is given is read, and nothing ambient", () => {
  const spy = engine();
  createCore(() => spy).capture({ cookie: "a=1", now: 5 });
  assert.deepEqual(spy.calls, [["capture", '{"page":{"cookie":"a=1","now":5},"now":5}']]);
});

test("without an argument the page is read, with the accounts that the script tag names", (t) => {
  const spy = engine();
  const { capture } = createCore(() => spy, { globals: { vwo: { accountId: "6" } } });
  const document = { cookie: "a=1" };
  globalThis.window = { document, _vwo_acc_id: 7 };
  t.after(() => {
    delete globalThis.window;
  });
  capture();
  const { page, globals, now } = input(spy.calls[0]);
  assert.deepEqual([page.cookie, page.globals.vwo], ["a=1", { accountId: 7 }]);
  assert.deepEqual(globals, { vwo: { accountId: "6" } });
  assert.ok(Math.abs(now - Date.now()) < 10_000);
  document.cookie = "a=2";
  capture();
  assert.equal(input(spy.calls[1]).page.cookie, "a=2");
});

test("where there is no page, none is handed on", () => {
  const spy = engine();
  createCore(() => spy).capture();
  assert.deepEqual(Object.keys(input(spy.calls[0])), ["now"]);
});

test("a page with something else for JSON is a problem, not an exception", (t) => {
  globalThis.window = { document: { cookie: "a=1" } };
  t.after(() => {
    delete globalThis.window;
  });
  const { capture } = createCore(() => engine());
  const stringify = t.mock.method(JSON, "stringify", () => {
    throw new Error("trap");
  });
  const { problems, capturedAt } = capture();
  stringify.mock.restore();
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["invalid-conversion"],
  );
  assert.ok(Math.abs(capturedAt - Date.now()) < 10_000);
  assert.deepEqual(capture().problems, []);
});

test("a page that is given cannot ask for more", () => {
  const spy = engine();
  createCore(() => spy).capture({ stash: true, page: { cookie: "a=1" }, now: 5 });
  assert.deepEqual(input(spy.calls[0]), { page: { stash: true, page: { cookie: "a=1" }, now: 5 }, now: 5 });
});

test("now: whole ms, by default the clock", () => {
  const spy = engine();
  const { capture } = createCore(() => spy);
  const now = (page) => {
    capture(page);
    return input(spy.calls.at(-1)).now;
  };
  assert.equal(now({ now: 0 }), 0);
  assert.equal(now({ now: 1_700_000_000_000.25 }), 1_700_000_000_000);
  assert.equal(now({ now: new Date(7) }), 7);
  for (const unusable of [undefined, null, Number.NaN, Infinity, "soon", {}])
    assert.ok(Math.abs(now({ now: unusable }) - Date.now()) < 10_000, String(unusable));
});

test("batches: only what was captured here says so, pair by pair, and a hole is a pair", () => {
  const spy = engine({ conversionBatches: '{"requests":[],"skipped":[],"warnings":[]}' });
  const { capture, conversionBatches } = createCore(() => spy, {}, batches);
  const captured = capture({});
  const conversion = { id: "1" };
  conversionBatches(new Set([{ visitor: captured, conversion }, { visitor: { ...captured }, conversion }, undefined]), {
    vwo: { accountId: 6 },
  });
  const { pairs, accounts, now } = input(spy.calls.at(-1));
  assert.deepEqual(
    pairs.map((pair) => pair.captured),
    [true, false, false],
  );
  assert.deepEqual(pairs[2], { captured: false });
  assert.deepEqual(accounts, { vwo: { accountId: 6 } });
  assert.ok(Math.abs(now - Date.now()) < 10_000);
  assert.throws(() => conversionBatches(undefined), TypeError);
});

test("a bigint travels as text, a Date as ISO, an invalid one as null, NaN and Infinity as what nothing takes", () => {
  const spy = engine({ conversionRequests: '{"requests":[],"skipped":[],"warnings":[]}' });
  const { conversionRequests } = createCore(() => spy);
  conversionRequests(
    {},
    { id: "1", at: new Date(0), revenue: Number.NaN },
    { vwo: { accountId: 12345678901234567890n } },
  );
  conversionRequests({}, { id: "1", at: new Date(Number.NaN), revenue: -Infinity });
  const [first, second] = spy.calls.map(input);
  assert.deepEqual(first.conversion, { id: "1", at: "1970-01-01T00:00:00.000Z", revenue: {} });
  assert.deepEqual(first.accounts, { vwo: { accountId: "12345678901234567890" } });
  assert.deepEqual(second.conversion, { id: "1", at: null, revenue: {} });
});

test("only a context that this facade captured counts as captured", () => {
  const spy = engine();
  const { capture, unstash, conversionRequests } = createCore(() => spy);
  const captured = (visitor) => {
    conversionRequests(visitor, { id: "1" });
    return input(spy.calls.at(-1)).captured;
  };
  const visitor = capture({});
  assert.equal(captured(visitor), true);
  assert.equal(captured({ ...visitor }), false, "a copy");
  assert.equal(captured(JSON.parse(JSON.stringify(visitor))), false, "kept as JSON");
  assert.equal(captured(unstash("A")), false, "a token read back");
  assert.equal(captured("A"), false, "a token");
  assert.equal(captured(["A", "B"]), false, "parts");
  assert.equal(
    createCore(() => spy).capture({}) && captured(createCore(() => spy).capture({})),
    false,
    "of another copy",
  );
});

test("parts: at least 40 characters, never the engine's 'no limit' by accident", () => {
  const spy = engine({ stash: "A1 A2" });
  const { stash, stashParts } = createCore(() => spy);
  assert.deepEqual(stashParts({}, 255), ["A1", "A2"]);
  for (const small of [39, 0, -1, Number.NaN, undefined, "x"]) stashParts({ small: String(small) }, small);
  for (const large of [2 ** 32, 2 ** 32 + 5, Infinity]) stashParts({ large: String(large) }, large);
  const limits = spy.calls.map(([, , limit]) => limit);
  assert.deepEqual(limits, [255, 40, 40, 40, 40, 40, 40, 1e9, 1e9, 1e9]);
  stash({});
  assert.equal(spy.calls.at(-1)[2], 0);
  assert.deepEqual(createCore(() => engine()).stashParts({}, 40), [], "nothing to stash, no part");
});

test("what was asked a moment ago is not asked again: the same visitor, length and day", () => {
  const spy = engineOf({ stash: (visitor, limit) => `A${limit}.${visitor}` });
  const { stash, stashParts } = createCore(() => spy);
  const day = 864e5;
  const visitor = { capturedAt: 5 * day, vwo: { uuid: "D1" }, problems: [] };
  const first = stash(visitor);
  assert.equal(stash({ ...visitor, capturedAt: 6 * day - 1 }), first, "later that day");
  assert.equal(stash(structuredClone(visitor)), first, "another object that says the same");
  for (const other of [
    { ...visitor, capturedAt: 6 * day },
    { ...visitor, capturedAt: 5 * day - 1 },
    { ...visitor, capturedAt: "5" },
    { ...visitor, capturedAt: null },
    { ...visitor, callTrackers: { ctm: '"capturedAt":1' } },
    { ...visitor, callTrackers: { ctm: '"capturedAt":2' } },
    { vwo: visitor.vwo, problems: [] },
    null,
  ])
    assert.equal(stash(other), `A0.${JSON.stringify(other)}`);
  assert.deepEqual(stashParts(visitor, 50), [`A50.${JSON.stringify(visitor)}`]);
  assert.equal(stash(visitor), first);
  visitor.vwo.uuid = "D2";
  assert.equal(stash(visitor), `A0.${JSON.stringify(visitor)}`, "the caller's own change counts");
});

test("a failure is not remembered", () => {
  let fails = true;
  const stash = () => {
    if (fails) throw new Error("trap");
    return "A1";
  };
  const core = createCore(() => engineOf({ stash }));
  assert.equal(core.stash({}), "");
  fails = false;
  assert.equal(core.stash({}), "A1");
});

test("tokens go in joined by a space", () => {
  const spy = engine();
  const { unstash } = createCore(() => spy);
  for (const tokens of ["A", ["A", "B"], [], null, 5, Symbol("x"), ["A", null], Object.create(null)]) unstash(tokens);
  assert.deepEqual(
    spy.calls.map(([, text]) => text),
    ["A", "A B", "", "", "", "", "A", ""],
  );
});

test("an engine's error is thrown with its code", () => {
  const error = '{"error":{"code":"malformed-stash","message":"Not a token."}}';
  const core = createCore(() => engine({ unstash: error, conversionRequests: error }));
  const expected = { name: "AftercallError", code: "malformed-stash", message: "Not a token." };
  assert.throws(() => core.unstash("A"), expected);
  assert.throws(() => core.conversionRequests("A", { id: "1" }), expected);
  assert.throws(() => core.unstash("A"), AftercallError);
  assert.throws(() => core.unstash("A"), Error);
});

const blocked = () => {
  throw new TypeError("violates the policy");
};

test("where WebAssembly is forbidden capture says so, stash is empty, the others throw", () => {
  const core = createCore(once(blocked));
  const context = core.capture({ now: 9, cookie: "a=1" });
  assert.equal(context.capturedAt, 9);
  assert.deepEqual(
    context.problems.map(({ platform, code }) => [platform, code]),
    [["page", "wasm-blocked"]],
  );
  assert.match(context.problems[0].message, /aftercall\/js/);
  assert.equal(core.stash({}), "");
  assert.deepEqual(core.stashParts({}, 40), []);
  for (const call of [
    () => core.unstash("A"),
    () => core.conversionRequests({}, { id: "1" }),
    () => core.checkSettings({}),
  ])
    assert.throws(call, { name: "AftercallError", code: "wasm-blocked" });
});

test("a policy is asked once: each try is one more report of a violation", () => {
  let tries = 0;
  const start = once(() => {
    tries += 1;
    return blocked();
  });
  const core = createCore(start);
  core.capture();
  core.capture({});
  core.stash({});
  assert.equal(tries, 1);
});

test("the engine starts at the first call, once", () => {
  let starts = 0;
  const start = once(() => {
    starts += 1;
    return engine();
  });
  const core = createCore(start);
  assert.equal(starts, 0);
  core.capture({});
  core.stash({});
  assert.equal(starts, 1);
});

test("an unreadable argument is an AftercallError, not a TypeError", () => {
  const cycle = {};
  cycle.cycle = cycle;
  const core = createCore(() => engine());
  const code = "invalid-conversion";
  assert.throws(() => core.conversionRequests({}, cycle), { name: "AftercallError", code });
  assert.throws(() => core.checkSettings(cycle), { name: "AftercallError", code });
  assert.equal(core.stash(cycle), "");
});

test("a hostile page costs what is hostile, and the problem invalid-page", () => {
  const spy = engine();
  const { capture } = createCore(() => spy);
  const cycle = {};
  cycle.cycle = cycle;
  const page = {
    cookie: "a=1",
    get url() {
      throw new Error("no");
    },
    globals: { optimizely: { accountId: 1n, campaignStates: cycle }, vwo: { accountId: 2 } },
    now: 3,
  };
  const context = capture(page);
  assert.deepEqual(
    context.problems.map(({ platform, code }) => [platform, code]),
    [["page", "invalid-page"]],
  );
  const { page: read, now } = input(spy.calls[0]);
  assert.equal(read.cookie, "a=1");
  assert.equal(now, 3);
  assert.equal(read.globals.optimizely.accountId, "1");
  assert.deepEqual(read.globals.vwo, { accountId: 2 });
});

test("capture takes anything and throws nothing", () => {
  const trap = () => {
    throw new Error("no");
  };
  const everything = new Proxy(
    {},
    { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap },
  );
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const { capture } = createCore(() => engine());
  const codes = (page) => capture(page).problems.map(({ code }) => code);
  const hostile = [everything, revoked.proxy, { globals: everything }, { toJSON: trap }];
  for (const page of [null, 0, "a=1", true, 1n, Symbol("x"), () => {}, ...hostile])
    assert.deepEqual(codes(page), ["invalid-page"]);
  assert.deepEqual(codes([]), []);
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }),
      (page) => Array.isArray(capture(page).problems),
    ),
  );
});

test("a trap of the engine is a problem of the page, not an exception", () => {
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const { problems } = createCore(() => trap).capture({});
  assert.equal(problems[0].code, "internal");
});
