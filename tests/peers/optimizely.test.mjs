// Our conversions for Optimizely's Event API beside those of its own SDK, from the same inputs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import { differences } from "./differences.mjs";
import { amount, forMany, id, numbered, text, visitorId } from "./inputs.mjs";
import * as sdk from "./optimizely.mjs";

const at = "2026-11-20T09:30:00Z";

const name = text({ minLength: 1 }).filter((name) => !(name in {}) && !/^(revenue|value|\$opt_.*)$/.test(name));
const value = fc.oneof(
  text(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0.5, 1e21, 2 ** 53, 2 ** 53 + 2, 1e300),
  fc.boolean(),
);
const values = fc
  .uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries));

/** A tag that holds a number: as a number, as text, or as text that begins with one. */
const number = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    fc.oneof(fc.nat({ max: 10 ** 6 }), fc.nat({ max: 10 ** 14 })),
    fc.constantFrom("", ".5", ".25", ".999"),
    fc.constantFrom("", " EUR", "abc", "."),
  )
  .chain(([sign, whole, fraction, rest]) =>
    fc.constantFrom(
      `${sign}${whole}${fraction}${rest}`,
      ` 00${whole}${fraction}`,
      Number(`${sign}${whole}${fraction}`),
    ),
  );
/** What is no number, or one to `parseInt` and another to `parseFloat`. */
const noNumber = fc.constantFrom("", "abc", true, "1e21", "0x1F", "1.5E3", 1e21, 5e-7, "--5", "NaN", ".e5");

const tags = fc
  .tuple(
    values,
    fc.record(
      { revenue: number, value: fc.oneof({ weight: 9, arbitrary: number }, fc.constant("-0")) },
      { requiredKeys: [] },
    ),
    fc.option(fc.tuple(fc.constantFrom("revenue", "value"), noNumber), { freq: 10 }),
  )
  .map(([tags, numbers, bad]) => ({
    tags: { ...tags, ...numbers, ...(bad ? { [bad[0]]: bad[1] } : {}) },
    unreadable: bad?.[0],
  }));

const events = ["phone_call", "store visit", "durée & coût"].map((key, index) => ({
  id: String(4841578001 + index),
  key,
}));
const attributes = ["plan", "$ spent", "été"].map((key, index) => ({ id: String(99 + index), key }));

const conversion = fc.record(
  {
    visitorId,
    event: fc.constantFrom(...events.map(({ key }) => key), "an event that nobody defined"),
    attributes: fc.dictionary(
      fc.constantFrom(...attributes.map(({ key }) => key), "an attribute that nobody defined"),
      value,
    ),
    tags,
    revenue: amount,
  },
  { requiredKeys: ["visitorId", "event"] },
);

const project = fc.record(
  {
    accountId: id,
    projectId: id,
    revision: fc.oneof(
      fc.nat().map(String),
      name.filter((name) => name.trim() !== ""),
    ),
    anonymizeIP: fc.boolean(),
    botFiltering: fc.boolean(),
    region: fc.constantFrom("US", "EU"),
  },
  { requiredKeys: ["accountId", "projectId", "revision", "anonymizeIP"] },
);

/** An amount takes the place of a tag: nobody says both. */
const sane = ({ tags, revenue, ...rest }) => {
  if (!revenue || !tags) return { ...rest, tags, revenue };
  const { revenue: _, ...others } = tags.tags;
  return { ...rest, tags: { tags: others, unreadable: tags.unreadable === "value" }, revenue };
};

/** What we cannot be told: see "numbers that are none". */
const refused = ({ revenue, tags }) => revenue?.cents === null || Boolean(tags?.unreadable);
/** An event that the project does not know: the SDK sends nothing, and nobody can tell us its id. */
const unknown = ({ event }) => !events.some(({ key }) => key === event);

const forSdk = (project, conversions) => ({
  project,
  events,
  attributes,
  tracked: conversions.map(({ visitorId, event, attributes, tags, revenue }) => ({
    visitorId,
    event,
    attributes,
    tags: tags || revenue ? { ...tags?.tags, ...(revenue ? { revenue: revenue.cents } : {}) } : undefined,
  })),
});

/** The pair that we are handed. Of events and attributes we must be told the ids. */
function pair(
  { id, visitorId, event, attributes: given = {}, tags, revenue },
  { revision, anonymizeIP, botFiltering },
  decisions,
) {
  const idOf = (list, key) => list.find((each) => each.key === key)?.id;
  const known = Object.entries(given)
    .map(([key, value]) => ({ id: idOf(attributes, key), key, value }))
    .filter(({ id }) => id !== undefined);
  if (botFiltering !== undefined)
    known.push({ id: "$opt_bot_filtering", key: "$opt_bot_filtering", value: botFiltering });
  return {
    visitor: { optimizely: { endUserId: visitorId, decisions } },
    conversion: {
      id,
      at,
      revenue: revenue?.said,
      optimizely: {
        event,
        eventId: idOf(events, event),
        attributes: known,
        tags: tags?.tags,
        revision,
        anonymizeIp: anonymizeIP,
      },
    },
  };
}

const account = ({ accountId, projectId, region }) => ({
  optimizely: { accountId, projectId, api: "events", ...(region ? { region: region.toLowerCase() } : {}) },
});

/** Goes through all events of a request, with the visitor that they are of. */
const eventsOf = ({ body }) =>
  body.visitors.flatMap((visitor) =>
    visitor.snapshots.flatMap(({ events }) => events.map((event) => ({ visitor, event }))),
  );

const onPurpose = differences({
  "the SDK's name": {
    why: "we are not the SDK",
    due({ body: { client_name, client_version, ...body }, ...rest }) {
      assert.deepEqual([client_name, client_version], ["node-sdk", "6.6.1"]);
      return { ...rest, body: { ...body, client_name: "aftercall/aftercall" } };
    },
  },
  "revenue among the tags": {
    why: "the SDK has no other place for it; ours has one, and tags stay what the user made of them",
    due(request, { conversions }) {
      for (const [index, { event }] of eventsOf(request).entries())
        if (conversions[index].revenue) {
          delete event.tags.revenue;
          if (!conversions[index].tags) delete event.tags;
        }
      return request;
    },
  },
  "minus nothing": {
    why: "of the text -0 the SDK makes 0; we hand on the digits as they stand, and JSON knows -0",
    due(request) {
      for (const { event } of eventsOf(request))
        if (event.value === 0 && String(event.tags.value).startsWith("-")) event.value = -0;
      return request;
    },
  },
  "attributes that are great numbers": {
    why: "the SDK drops numbers beyond 2^53 in silence; we send what we were given",
    due(request, { conversions, project }) {
      for (const [index, { visitor }] of eventsOf(request).entries()) {
        const { conversion } = pair(conversions[index], project);
        const given = conversion.optimizely.attributes;
        const isGreat = ({ value }) => typeof value === "number" && Math.abs(value) > 2 ** 53;
        visitor.attributes = given.map((attribute) =>
          isGreat(attribute)
            ? { entity_id: attribute.id, key: attribute.key, type: "custom", value: attribute.value }
            : visitor.attributes.find(({ key }) => key === attribute.key),
        );
      }
      return request;
    },
  },
  "a visitor for each event": {
    why: "a visitor with the same attributes is one visitor",
    due(request) {
      const visitors = new Map();
      for (const { snapshots, ...visitor } of request.body.visitors) {
        const key = JSON.stringify([visitor.visitor_id, visitor.attributes]);
        const before = visitors.get(key)?.snapshots ?? [];
        visitors.set(key, { ...visitor, snapshots: [...before, ...snapshots] });
      }
      request.body.visitors = [...visitors.values()];
      return request;
    },
  },
  "decisions with the conversion": {
    why: "the SDK's conversions ask Optimizely to find the decisions that it was told before; where we know them, we send them",
    due(request, { decisions }) {
      if (!decisions) return request;
      delete request.body.enrich_decisions;
      const due = decisions.map(({ metadata, ...decision }) => {
        assert.equal(metadata.rule_type, "experiment");
        return { ...decision, is_campaign_holdback: false };
      });
      for (const { snapshots } of request.body.visitors) for (const snapshot of snapshots) snapshot.decisions = due;
      return request;
    },
  },
  "numbers that are none": {
    why: "the SDK drops amounts and values that are no numbers in silence, and reads 1e21 as 1 here and as 1e21 there: refused",
    due: (request, { conversions }) => (conversions.some(refused) ? null : request),
  },
});

/** uuid and time are chance: they must have the form of one. */
function withoutChance(requests, time) {
  const seen = new Set();
  for (const request of requests)
    for (const { event } of eventsOf(request)) {
      assert.match(event.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.ok(!seen.has(event.uuid), "the uuid of another event");
      seen.add(event.uuid);
      event.uuid = "a uuid";
      time(event.timestamp);
      event.timestamp = "ms";
    }
  return requests;
}
const now = (ms) => assert.ok(Number.isInteger(ms) && Math.abs(ms - Date.now()) < 60_000, `${ms}`);
const then = (ms) => assert.equal(ms, Date.parse(at));

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

function said(requests) {
  const parsed = requests.map(({ method, url, headers, body }) => {
    assert.deepEqual(headers, { "Content-Type": "application/json" });
    const { client_version, ...rest } = JSON.parse(body);
    assert.equal(client_version, version);
    return { method, url, body: rest };
  });
  return withoutChance(parsed, then);
}

test("one conversion, with and without decisions", async (t) => {
  const experiments = fc.uniqueArray(fc.record({ campaignId: id, experimentId: id, variationId: id }), {
    minLength: 1,
    maxLength: 3,
    comparator: (a, b) => a.campaignId === b.campaignId || a.experimentId === b.experimentId,
  });
  const input = fc.record({ project, conversion: conversion.map(sane), experiments: fc.option(experiments) });
  await forMany(t, 300, input, async ({ project, conversion, experiments }) => {
    const conversions = numbered([conversion]);
    const { visitorId } = conversion;
    const decisions = experiments && (await sdk.decisions({ project, visitorId, experiments }));
    const sent = withoutChance(await sdk.conversions(forSdk(project, conversions)), now);
    assert.equal(sent.length, unknown(conversion) ? 0 : 1);
    const due = sent.map((each) => onPurpose.apply(each, { conversions, project, decisions })).filter(Boolean);
    const known = experiments?.map((ids) => ({ ...ids, isCampaignHoldback: false }));
    const told = pair(conversions[0], project, known ?? undefined);
    for (const face of [wasm, twin]) {
      const { requests, skipped } = face.conversionRequests(told.visitor, told.conversion, account(project));
      assert.deepEqual(said(requests), due);
      assert.deepEqual(
        skipped.map(({ code }) => code),
        due.length > 0 ? [] : ["invalid-conversion"],
      );
    }
  });
});

const inOneRequest = (runs, visitors, lengths) => async (t) => {
  const input = fc.record({
    project,
    visitors: fc.array(visitorId, visitors),
    conversions: fc.array(conversion.map(sane), lengths).map(numbered),
  });
  await forMany(t, runs, input, async ({ project, visitors, conversions }) => {
    const list = conversions.map((each, index) => ({ ...each, visitorId: visitors[(index * 7) % visitors.length] }));
    const told = list.filter((each) => !unknown(each) && !refused(each));
    const sent = told.length > 0 ? withoutChance(await sdk.batch(forSdk(project, told)), now) : [];
    const due = sent.map((each) => onPurpose.apply(each, { conversions: told, project }));
    const pairs = list.map((each) => pair(each, project));
    for (const face of [wasm, twin]) {
      const { requests, skipped } = face.conversionBatches(pairs, account(project));
      assert.deepEqual(said(requests), due);
      assert.deepEqual(
        skipped.map(({ conversionId, code }) => [conversionId, code]),
        list.filter((each) => unknown(each) || refused(each)).map(({ id }) => [id, "invalid-conversion"]),
      );
    }
  });
};

test(
  "several conversions of a few visitors in one request",
  inOneRequest(200, { minLength: 1, maxLength: 3 }, { minLength: 1, maxLength: 6 }),
);

test(
  "hundreds of conversions in one request",
  inOneRequest(3, { minLength: 30, maxLength: 60 }, { minLength: 500, maxLength: 800 }),
);

test("every difference was met", (t) => onPurpose.allMet(t));
