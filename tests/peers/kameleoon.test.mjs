// Our conversions for Kameleoon beside those of its own SDK, from the same inputs.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import { differences } from "./differences.mjs";
import { amount, forMany, id, numbered, text, visitorId } from "./inputs.mjs";
import * as sdk from "./kameleoon.mjs";

const siteCode = "f17c21u1ag";
const host = "eu-data.kameleoon.io";
const at = "2026-11-20T09:30:00Z";

const conversion = fc.record(
  {
    visitorCode: visitorId,
    goalId: id,
    revenue: amount,
    negative: fc.boolean(),
    userAgent: fc.constantFrom("Mozilla/5.0 (X11; Linux x86_64)", "a&b=c d%é"),
    metadata: fc.array(
      fc.record({ index: fc.integer({ min: 0, max: 5 }), values: fc.array(text(), { maxLength: 3 }) }),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: ["visitorCode", "goalId"] },
);

/** Several conversions of a few visitors. */
const conversions = fc
  .tuple(fc.array(conversion, { minLength: 1, maxLength: 8 }), fc.array(visitorId, { minLength: 1, maxLength: 3 }))
  .map(([list, visitors]) =>
    numbered(list.map((each, index) => ({ ...each, visitorCode: visitors[(index * 7) % visitors.length] }))),
  );

/** A line's parameters. The user agent, which comes last, the SDK does not encode. */
function parameters(line) {
  const [encoded, userAgent] = line.split("&userAgent=");
  const pairs = encoded.split("&").map((pair) => pair.split("=").map(decodeURIComponent));
  return { ...Object.fromEntries(pairs), ...(userAgent === undefined ? {} : { userAgent }) };
}
const line = ({ userAgent, ...parameters }) => {
  const encoded = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return encoded.join("&") + (userAgent === undefined ? "" : `&userAgent=${userAgent}`);
};

/** In the order of the SDK's body: visitor by visitor. */
function byVisitor(conversions) {
  const groups = new Map();
  for (const each of conversions) groups.set(each.visitorCode, [...(groups.get(each.visitorCode) ?? []), each]);
  return [...groups.values()].flat();
}

/** What the SDK sends: its request, each line of the body as its parameters and the conversion that it is about. */
async function sdkSays(conversions) {
  const requests = await sdk.conversions({
    siteCode,
    host,
    conversions: conversions.map((each) => ({ ...each, goalId: Number(each.goalId), revenue: each.revenue?.number })),
  });
  assert.equal(requests.length, 1);
  const [{ url, method, headers, body }] = requests;
  const lines = body.split("\n").map(parameters);
  // Nothing is lost in taking lines apart: put together again they are the body. Only amounts the SDK does not encode.
  assert.equal(
    body,
    lines
      .map(line)
      .join("\n")
      .replace(/(&revenue=[^&]*e)%2B/g, "$1+"),
  );
  const about = byVisitor(conversions).values();
  const events = lines.map((line) => ({
    line,
    conversion: line.eventType === "conversion" ? about.next().value : undefined,
  }));
  return { method, url, type: headers["Content-Type"], events };
}

/** The pair that we are handed for a conversion: of an index that is named twice the first one counts. */
const pair = ({ id, visitorCode, goalId, revenue, negative, metadata }) => ({
  visitor: { kameleoon: { visitorCode } },
  conversion: {
    id,
    at,
    revenue: revenue?.said,
    kameleoon: {
      goalId,
      negative,
      metadata: metadata && Object.fromEntries([...metadata].reverse().map(({ index, values }) => [index, values])),
    },
  },
});

/** What we cannot be told: see "amounts that are none". */
const refused = ({ revenue, negative }) => revenue?.cents === null || (revenue?.cents < 0 && negative === false);

/** Lines that are due in place of these. */
const lines =
  (due) =>
  ({ events, ...rest }) => ({
    ...rest,
    events: events.map(({ line, conversion }) => ({ line: due(line, conversion), conversion })),
  });

const onPurpose = differences({
  "the visitor's user agent": {
    why: "that of whoever sends the request is all there is when a conversion happens later",
    due({ url, events, ...rest }, list) {
      const agents = new Map();
      for (const { visitorCode, userAgent } of list) if (userAgent) agents.set(visitorCode, userAgent);
      const told = events.filter(({ line }) => line.userAgent !== undefined);
      assert.deepEqual(new Map(told.map(({ line }) => [line.visitorCode, line.userAgent])), agents);
      assert.equal(url.endsWith("&bodyUa=true"), agents.size > 0);
      return {
        ...rest,
        url: url.replace(/&bodyUa=true$/, ""),
        events: events.map(({ line: { userAgent, ...line }, conversion }) => ({ line, conversion })),
      };
    },
  },
  "the SDK's name in the URL": {
    why: "we are not the SDK",
    due({ url, ...rest }) {
      assert.ok(url.endsWith("&sdkName=javascript&sdkVersion=4.17.1"), url);
      return { ...rest, url: url.replace(/&sdkName=.*/, "") };
    },
  },
  "lines about the visit": {
    why: "the SDK tells of the page that it runs in; a conversion that happens later has none",
    due: ({ events, ...rest }) => ({ ...rest, events: events.filter(({ conversion }) => conversion) }),
  },
  "amounts that are none": {
    why: "NaN, what is below a cent, what is beyond all amounts, and less than nothing that shall not be negative: refused",
    due: ({ events, ...rest }) => ({ ...rest, events: events.filter(({ conversion }) => !refused(conversion)) }),
  },
  "visitor by visitor": {
    why: "that is how the SDK keeps conversions; ours stay in their order",
    due({ events, ...rest }, list) {
      const place = ({ conversion }) => list.findIndex(({ id }) => id === conversion.id);
      return { ...rest, events: events.sort((a, b) => place(a) - place(b)) };
    },
  },
  "amounts in floating point": {
    why: "0.1 + 0.2 prints 0.30000000000000004, and 1e-10 an exponent: we send the cents that it comes to",
    due: lines((line, { revenue }) => (revenue ? { ...line, revenue: String(revenue.cents / 100) } : line)),
  },
  "amounts below nothing": {
    why: "Kameleoon's amounts are positive and its conversions negative",
    due: lines((line) =>
      line.revenue.startsWith("-") ? { ...line, revenue: line.revenue.slice(1), negative: "true" } : line,
    ),
  },
  "metadata without an index": {
    why: "the SDK leaves it out; we send the empty object that we were given",
    due: lines(({ nonce, visitorCode, ...line }, { metadata }) => ({
      ...line,
      ...(metadata?.length === 0 ? { metadata: "{}" } : {}),
      nonce,
      visitorCode,
    })),
  },
  "upper-case nonces": {
    why: "the vendor's document has lower-case ones",
    due: lines((line) => {
      assert.match(line.nonce, /^[0-9A-F]{16}$/);
      return { ...line, nonce: line.nonce.toLowerCase() };
    }),
  },
});

/** A nonce is chance: it must have the form of one, and stand for one event alone. */
function nonces() {
  const seen = new Set();
  return (nonce) => {
    assert.match(nonce, /^[0-9a-f]{16}$/);
    assert.ok(!seen.has(nonce), "the nonce of another event");
    seen.add(nonce);
    return "0123456789abcdef";
  };
}

/** The lines as the documented JSON has the same things. */
function json({ url, method, events }) {
  const nonce = nonces();
  const alone = new Set(events.map(({ line }) => line.visitorCode)).size === 1;
  const code = alone ? `&visitorCode=${encodeURIComponent(events[0].line.visitorCode)}` : "";
  return {
    method,
    url: `${url}${code}&json=true`,
    type: "application/json",
    events: events.map(({ line, conversion: { revenue, negative } }) => ({
      ...(alone ? {} : { visitorCode: line.visitorCode }),
      nonce: nonce(line.nonce),
      eventType: line.eventType.toUpperCase(),
      goalId: Number(line.goalId),
      // What nobody said the SDK says all the same: 0 and false.
      ...(revenue === undefined ? {} : { revenue: Number(line.revenue) }),
      ...(negative === undefined && line.negative === "false" ? {} : { negative: line.negative === "true" }),
      ...(line.metadata === undefined ? {} : { metadata: JSON.parse(line.metadata) }),
    })),
  };
}

function saidInJson({ method, url, headers, body }) {
  const nonce = nonces();
  const events = JSON.parse(body).map((event) => ({ ...event, nonce: nonce(event.nonce) }));
  return { method, url, type: headers["Content-Type"], events };
}

/** The lines as they are sent. */
function textual({ method, url, events }) {
  const nonce = nonces();
  const lines = events.map((event) => line({ ...event.line, nonce: nonce(event.line.nonce) }));
  return { method, url, type: "text/plain", body: lines.join("\n") };
}

function saidInText({ method, url, headers, body }) {
  const nonce = nonces();
  const withNonces = body.replace(/(?<=&nonce=)\w+/g, nonce);
  return { method, url, type: headers["Content-Type"], body: withNonces };
}

for (const [format, due, said] of [
  ["json", json, saidInJson],
  ["text", textual, saidInText],
])
  test(`as ${format}`, async (t) => {
    const accounts = { kameleoon: { siteCode, dataHost: host, format } };
    await forMany(t, 300, conversions, async (list) => {
      const request = onPurpose.apply(await sdkSays(list), list);
      for (const face of [wasm, twin]) {
        const { requests, skipped } = face.conversionBatches(list.map(pair), accounts);
        assert.deepEqual(
          skipped.map(({ conversionId, code }) => [conversionId, code]),
          list.filter(refused).map(({ id }) => [id, "invalid-conversion"]),
        );
        assert.deepEqual(requests.map(said), request.events.length > 0 ? [due(request)] : []);
        for (const event of request.events) {
          const { visitor, conversion } = pair(event.conversion);
          const alone = face.conversionRequests(visitor, conversion, accounts);
          assert.deepEqual(alone.requests.map(said), [due({ ...request, events: [event] })]);
        }
      }
    });
    onPurpose.allMet(t);
  });
