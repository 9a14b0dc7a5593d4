// docs/vendors.md keeps count of the vendors' documents: each test that it names is there, and its counts are right.
// Below that, what those documents ask for and no other test shows.
import assert from "node:assert/strict";
import test from "node:test";
import { capture, conversionRequests } from "../../dist/index.js";
import { chapters, generated, quoted, read, rows, table } from "./documents.mjs";

const kinds = ["yes", "differs", "not yet", "theirs"];

/** Is there such a test in such a file? */
function exists(path, name) {
  const text = read(path);
  if (path.endsWith(".rs")) return new RegExp(`#\\[test\\]\\s+fn ${name}\\(`).test(text);
  if (path.endsWith(".json")) return JSON.parse(text).some((each) => each.name === name);
  return text.includes(`test(${JSON.stringify(name)}, `);
}

test("every row says what is done, and names a test where something is", () => {
  const wrong = [];
  const counts = [];
  for (const [vendor, text] of chapters(read("docs/vendors.md"))) {
    const count = Object.fromEntries(kinds.map((kind) => [kind, 0]));
    for (const [what, here, shownBy] of rows(text)) {
      const kind = kinds.find((kind) => here.startsWith(kind));
      if (!kind) wrong.push(`${what}: ${here}`);
      count[kind] += 1;
      const tests = quoted(shownBy);
      if (["yes", "differs"].includes(kind) !== tests.length > 0) wrong.push(`${what}: ${tests.length} tests`);
      for (const each of tests) {
        const [path, name] = each.split(/: (.*)/);
        if (!exists(path, name)) wrong.push(`${what}: no ${each}`);
      }
    }
    counts.push([vendor, ...kinds.map((kind) => count[kind])]);
  }
  assert.deepEqual(wrong, []);
  const sum = counts.reduce((sum, row) => sum.map((value, index) => (index ? value + row[index] : value)));
  generated("docs/vendors.md", "counts", table(["document", ...kinds], [...counts, ["all", ...sum.slice(1)]]));
});

const visitor = {
  optimizely: { endUserId: "oeu1" },
  vwo: { campaigns: { 123: ["2"] } },
  kameleoon: { visitorCode: "245fc" },
  convert: { experiences: { 11: "12" } },
};
const accounts = {
  optimizely: { accountId: 2, projectId: 1, api: "classic" },
  vwo: { accountId: 123456, api: "track-goal" },
  kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" },
  convert: { accountId: 2, projectId: 1, api: "tracking-request" },
};
const goals = {
  optimizely: { event: "phone_call" },
  vwo: { goalId: 201, userId: "vwo-user-123" },
  kameleoon: { goalId: 36151 },
  convert: { goalIds: [331] },
};
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

test("what the vendors' documents require is required", () => {
  /** The codes for a conversion that one platform hears of. */
  const skipped = (platform, goal, account, who = visitor) => {
    const plan = conversionRequests(who, { id: "1", [platform]: goal }, { [platform]: account });
    assert.equal(plan.requests.length + plan.skipped.length, 1);
    return plan.skipped.map(({ code }) => code);
  };
  const needs = {
    optimizely: {
      goal: { event: "invalid-conversion" },
      account: { accountId: "no-account", projectId: "no-account" },
    },
    vwo: { goal: { goalId: "invalid-conversion", userId: "no-visitor-id" }, account: { accountId: "no-account" } },
    kameleoon: { goal: { goalId: "invalid-conversion" }, account: { siteCode: "no-account", dataHost: "no-account" } },
    convert: { goal: { goalIds: "invalid-conversion" }, account: { accountId: "no-account", projectId: "no-account" } },
  };
  for (const [platform, { goal, account }] of Object.entries(needs)) {
    assert.deepEqual(skipped(platform, goals[platform], accounts[platform]), [], platform);
    for (const [name, code] of Object.entries(goal))
      assert.deepEqual(skipped(platform, without(goals[platform], name), accounts[platform]), [code], name);
    for (const [name, code] of Object.entries(account))
      assert.deepEqual(skipped(platform, goals[platform], without(accounts[platform], name)), [code], name);
    assert.deepEqual(skipped(platform, goals[platform], accounts[platform], {}), ["no-visitor-id"], platform);
  }
  const stranger = { vwo: { campaigns: { 7: ["1"] } } };
  assert.deepEqual(skipped("vwo", { ...goals.vwo, campaignIds: [123] }, accounts.vwo, stranger), ["no-campaign"]);
  const browser = { vwo: { uuid: "D11BD6ED27A63F845ADFCBA2D9AA7835C", campaigns: { 123: ["2"] } } };
  assert.deepEqual(skipped("vwo", without(goals.vwo, "userId"), accounts.vwo, browser), ["wrong-identity"]);
});

test("user ids that look personal get a warning", () => {
  const warnings = (userId, sendUserId) =>
    conversionRequests(visitor, { id: "1", vwo: { goalId: 201, userId, sendUserId } }, accounts).warnings.map(
      ({ code }) => code,
    );
  // The document's own examples.
  for (const personal of ["hello@world.com", "12.34.56.78"]) {
    assert.deepEqual(warnings(personal, true), ["personal-data"], personal);
    assert.deepEqual(warnings(personal, false), [], "its MD5 is sent");
  }
  assert.deepEqual(warnings("vwo-user-123", true), []);
});

test("a conversion after Kameleoon's window gets a warning", () => {
  const capturedAt = Date.UTC(2026, 10, 1);
  const codes = (at) =>
    conversionRequests({ ...visitor, capturedAt }, { id: "1", at, kameleoon: goals.kameleoon }, accounts).warnings.map(
      ({ code }) => code,
    );
  assert.deepEqual(codes("2026-11-08T23:59:59Z"), ["counted-at-arrival"]);
  assert.deepEqual(codes("2026-11-09T00:00:00Z"), ["counted-at-arrival", "past-attribution-window"]);
});

test("a goal that Convert's cookie has is sent as past", () => {
  const convert = capture({ cookie: "_conv_v=vi:7*exp:{11.{v.12-g.{331.1}}}" });
  const { requests, warnings } = conversionRequests(convert, { id: "1", convert: { goalIds: [35, 331] } }, accounts);
  const { searchParams } = new URL(requests[0].url);
  assert.deepEqual([searchParams.get("g"), searchParams.get("ga")], ["35,331", "1"]);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["already-counted"],
  );
});
