// Calls that need more memory than the core starts with: it grows while they run, in the module and in its twin.
import assert from "node:assert/strict";
import test from "node:test";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";

const accounts = { convert: { accountId: 2, projectId: 1 } };
const pairs = Array.from({ length: 2000 }, (_, index) => ({
  visitor: { convert: { visitorId: `visitor-${index}`, experiences: { 11: "12" } } },
  conversion: { id: `call-${index}`, at: "2026-11-20T09:30:00Z", convert: { goalIds: [331] } },
}));

test("a large batch is the same in both builds", () => {
  const plan = twin.conversionBatches(pairs, accounts);
  assert.deepEqual(plan, wasm.conversionBatches(pairs, accounts));
  const visitors = plan.requests.flatMap(({ body }) => JSON.parse(body).visitors.map(({ visitorId }) => visitorId));
  assert.deepEqual(
    visitors,
    pairs.map(({ visitor }) => visitor.convert.visitorId),
  );
});

test("a large cookie is read the same in both builds", () => {
  const cookie = `${"a=é😀; ".repeat(100_000)}kameleoonVisitorCode=245fc`;
  const context = twin.capture({ cookie, now: 0 });
  assert.equal(context.kameleoon.visitorCode, "245fc");
  assert.deepEqual(context, wasm.capture({ cookie, now: 0 }));
});

test("a batch eight times as large takes some eight times as long", () => {
  const seconds = (core, count) => {
    const many = Array.from({ length: count }, (_, index) => ({
      visitor: { convert: { visitorId: `visitor-${index % 1000}`, experiences: { 11: "12" } } },
      conversion: { id: `call-${index}`, at: "2026-11-20T09:30:00Z", convert: { goalIds: [331] } },
    }));
    const before = process.cpuUsage();
    assert.equal(core.conversionBatches(many, accounts).skipped.length, 0);
    return process.cpuUsage(before).user / 1e6;
  };
  for (const core of [wasm, twin]) {
    seconds(core, 1000); // the engine compiles
    const [few, many] = [seconds(core, 2000), seconds(core, 16_000)];
    // Work that grows with the square of the number would take 64 times as long.
    assert.ok(many < 30 * few, `${few} s for 2000, ${many} s for 16,000`);
  }
});
