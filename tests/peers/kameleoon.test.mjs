// Our conversions for Kameleoon beside those of its own SDK, from the same inputs.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import { differences } from "./differences.mjs";
import { amount, forMany, id, numbered, text, visitorId } from "./inputs.mjs";
import * as sdk from "./kameleoon.mjs";

const at = "2026-11-20T09:30:00Z";

const conversion = fc.record(
  {
    visitorCode: visitorId,
    goalId: id,
    revenue: amount,
    negative: fc.boolean(),
    metadata: fc.array(
      fc.record({ index: fc.integer({ min: 0, max: 5 }), values: fc.array(text(), { maxLength: 3 }) }),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: ["visitorCode", "goalId"] },
);

/** What the SDK sends for these: its request, each line of the body as its parameters. */
async function sdkSays({ siteCode, host, conversions }) {
  const requests = await sdk.conversions({
    siteCode,
    host,
    conversions: conversions.map(({ goalId, revenue, ...rest }) => ({
      ...rest,
      goalId: Number(goalId),
      revenue: revenue?.number,
    })),
  });
  assert.equal(requests.length, 1);
  const [{ url, method, headers, body }] = requests;
  return { method, url, type: headers["Content-Type"], lines: body.split("\n").map(parameters) };
}

const parameters = (line) => Object.fromEntries(new URLSearchParams(line.replaceAll("+", "%2B")));

/** A conversion as we are told of it: of an index that is named twice the first one counts. */
const ours = ({ id, goalId, revenue, negative, metadata }) => ({
  id,
  at,
  revenue: revenue?.said,
  kameleoon: {
    goalId,
    negative,
    metadata:
      metadata && Object.fromEntries([...metadata].reverse().map(({ index, values }) => [String(index), values])),
  },
});

const onPurpose = differences({});

test("one conversion, as JSON", async (t) => {
  await forMany(t, 300, conversion, async (input) => {
    const conversions = numbered([input]);
    const said = await sdkSays({ siteCode: "f17c21u1ag", host: "eu-data.kameleoon.io", conversions });
    for (const face of [wasm, twin]) {
    const plan = face.conversionRequests({ kameleoon: { visitorCode: input.visitorCode } }, ours(conversions[0]), { kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" } });
    if (globalThis.shown === undefined || Math.random() < 0.02) console.log(JSON.stringify([input, said, plan], null, 1));
    globalThis.shown = 1;
    }
  });
});
