// Our conversions for Convert's v1 beside those of its own SDK, from the same inputs.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import * as sdk from "./convert.mjs";
import { differences } from "./differences.mjs";
import { amount, forMany, id, numbered, visitorId } from "./inputs.mjs";

const at = "2026-11-20T09:30:00Z";
/** Few enough to meet again. */
const goalId = fc.constantFrom("331", "33", "34", "9007199254740991");
/** Variation 1 stands for a visitor who is not in the experience: nobody sees it. */
const variationId = id.filter((id) => id !== "1");
const bucketing = fc.dictionary(id, variationId, { maxKeys: 3 });

const visitor = fc
  .record({
    // Nor is anybody visitor 1: that is what the cookie says of those who have no id of their own.
    visitorId: visitorId.filter((id) => id !== "1"),
    newBucketing: bucketing,
    storedBucketing: bucketing,
    segments: fc.uniqueArray(id, { maxLength: 3 }),
  })
  .filter(({ newBucketing, storedBucketing }) => !Object.keys(newBucketing).some((id) => id in storedBucketing));

const conversion = fc.record(
  {
    visitor: fc.nat({ max: 2 }),
    goalIds: fc.uniqueArray(goalId, { minLength: 1, maxLength: 3 }),
    revenue: amount,
    quantity: fc.oneof(fc.nat({ max: 20 }), fc.constant(Number.MAX_SAFE_INTEGER)),
    transaction: fc.record({ id: fc.stringMatching(/^[A-Za-z0-9 |&#é€-]{1,12}$/), worth: fc.nat({ max: 7 }) }),
    withoutId: fc.boolean(),
  },
  { requiredKeys: ["visitor", "goalIds"] },
);

const input = fc.record({
  account: fc.record(
    {
      accountId: id,
      projectId: id,
      enrichData: fc.boolean(),
      sdkKey: fc.stringMatching(/^[0-9]{1,9}\/[0-9a-zA-Z]{1,9}$/),
    },
    { requiredKeys: ["accountId", "projectId", "enrichData"] },
  ),
  visitors: fc.uniqueArray(visitor, { minLength: 3, maxLength: 3, selector: ({ visitorId }) => visitorId }),
  conversions: fc.array(conversion, { minLength: 1, maxLength: 8 }).map(numbered),
});

/** What we cannot be told: Convert has no amounts below nothing. */
const refused = ({ revenue }) => revenue && (revenue.cents === null || revenue.cents < 0);

/** The goals that a transaction belongs to: some of those that were hit. */
const worth = ({ goalIds, transaction }) =>
  transaction ? goalIds.filter((_, index) => transaction.worth & (1 << index)) : goalIds;

/** Its id, unless that is left out. */
const transactionId = ({ id, transaction, withoutId }) => (withoutId ? undefined : (transaction?.id ?? id));

/** A transaction must belong to a goal. */
const sound = (conversion) => !conversion.revenue || worth(conversion).length > 0;

/** What the SDK is told of one visitor. */
function forSdk(visitor, conversions) {
  const goalData = (conversion) =>
    [
      { key: "amount", value: conversion.revenue.number },
      { key: "productsCount", value: conversion.quantity },
      { key: "transactionId", value: transactionId(conversion) },
    ].filter(({ value }) => value !== undefined);
  return {
    ...visitor,
    segments: visitor.segments.length > 0 ? { customSegments: visitor.segments } : undefined,
    conversions: conversions.flatMap((conversion) =>
      conversion.goalIds.map((goalId) => ({
        goalId,
        goalData: conversion.revenue && worth(conversion).includes(goalId) ? goalData(conversion) : undefined,
        // A goal that was hit before: the SDK sends the transaction, if it is asked to.
        repeat: true,
      })),
    ),
  };
}

/** The pair that we are handed: the first one of a visitor tells what is seen for the first time. */
function pair(visitor, conversion, earlier) {
  const { visitorId, newBucketing, storedBucketing, segments } = visitor;
  const { id, goalIds, revenue, quantity, transaction, withoutId } = conversion;
  return {
    visitor: { convert: { visitorId, experiences: { ...newBucketing, ...storedBucketing }, segments } },
    conversion: {
      id,
      at,
      revenue: revenue?.said,
      quantity,
      convert: {
        goalIds,
        firstViewOf: earlier.length === 0 ? Object.keys(newBucketing) : [],
        pastGoalIds: [...new Set(earlier.flatMap(({ goalIds }) => goalIds))],
        ...(revenue && (transaction || withoutId)
          ? {
              transaction: {
                ...(transaction ? { goalIds: worth(conversion) } : {}),
                ...(transaction && !withoutId ? { id: transaction.id } : {}),
                ...(withoutId ? { parts: 3 } : {}),
              },
            }
          : {}),
      },
    },
  };
}

const onPurpose = differences({
  "a host for each project": {
    why: "Convert's OpenAPI document has one host for all of them",
    due: ({ url, ...rest }, { account }) => ({ ...rest, url: url.replace(`//${account.projectId}.`, "//") }),
  },
  "the SDK's User-Agent": {
    why: "that header is the sender's",
    due({ headers: { "User-Agent": agent, ...headers }, ...rest }) {
      assert.equal(agent, "ConvertAgent/1.0");
      return { ...rest, headers };
    },
  },
  "the SDK's name as source": {
    why: "we are not the SDK",
    due({ body: { source, ...body }, ...rest }) {
      assert.equal(source, "js4.4.3");
      return { ...rest, body: { ...body, source: "aftercall" } };
    },
  },
  "amounts in floating point": {
    why: "0.1 + 0.2 prints 0.30000000000000004, and 1e-10 an exponent: we send the cents that it comes to",
    due(request, { conversions }) {
      const cents = new Map(conversions.map(({ revenue }) => [revenue?.number, revenue?.cents]));
      for (const { events } of request.body.visitors)
        for (const { data } of events)
          for (const pair of data.goalData ?? []) if (pair.key === "amount") pair.value = cents.get(pair.value) / 100;
      return request;
    },
  },
});

test("v1", async (t) => {
  await forMany(t, 300, input, async (input) => {
    const conversions = input.conversions.filter(sound);
    const told = conversions.filter((conversion) => !refused(conversion));
    const visitors = [...new Set(told.map(({ visitor }) => visitor))].map((number) =>
      forSdk(
        input.visitors[number],
        told.filter(({ visitor }) => visitor === number),
      ),
    );
    const sent = visitors.length > 0 ? await sdk.conversions({ ...input.account, visitors }) : [];
    const due = sent.map((request) =>
      onPurpose.apply({ ...request, body: JSON.parse(request.body) }, { ...input, conversions }),
    );
    const pairs = conversions.map((conversion) => {
      const earlier = told.slice(0, told.indexOf(conversion)).filter(({ visitor }) => visitor === conversion.visitor);
      return pair(input.visitors[conversion.visitor], conversion, refused(conversion) ? [] : earlier);
    });
    for (const face of [wasm, twin]) {
      const { requests, skipped } = face.conversionBatches(pairs, { convert: { ...input.account, api: "v1" } });
      const said = requests.map(({ method, url, headers, body }) => ({ method, url, headers, body: JSON.parse(body) }));
      assert.deepEqual(said, due);
      const refusals = skipped.filter(({ code }) => code !== "already-counted");
      assert.deepEqual(
        refusals.map(({ conversionId, code }) => [conversionId, code]),
        conversions.filter(refused).map(({ id }) => [id, "invalid-conversion"]),
      );
    }
  });
  onPurpose.allMet(t);
});
