// The published vectors are what the SDKs say: so are, then, the requests that are compared with ours beside this file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as convert from "./convert.mjs";
import * as kameleoon from "./kameleoon.mjs";
import * as optimizely from "./optimizely.mjs";

const vectors = (file) => JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), "utf8"));
const ofKind = (file, kind) => vectors(file).filter(({ input }) => input.kind === kind);

test("optimizely-events.json", async () => {
  for (const { name, input, expected } of vectors("optimizely-events")) {
    const { events, attributes, visitorId, userAttributes, eventKey, eventTags, ...project } = input;
    const tracked = [{ visitorId, attributes: userAttributes, event: eventKey, tags: eventTags }];
    const [request] = await optimizely.conversions({ project, events, attributes, tracked });
    if (request) {
      Object.assign(request.body, { client_name: "<client_name>", client_version: "<client_version>" });
      Object.assign(request.body.visitors[0].snapshots[0].events[0], { timestamp: "<ms>", uuid: "<uuid v4>" });
    }
    assert.deepEqual(request ?? null, expected.request, name);
  }
});

/** The order of bucketing events carries nothing. */
const alike = ({ visitors, ...body }) => ({
  ...body,
  visitors: visitors.map(({ events, ...visitor }) => {
    const isBucketing = ({ eventType }) => eventType === "bucketing";
    const conversions = events.filter((event) => !isBucketing(event));
    const bucketing = events.filter(isBucketing).sort((a, b) => a.data.experienceId - b.data.experienceId);
    return { ...visitor, events: [...bucketing, ...conversions] };
  }),
});

test("convert.json, v1", async () => {
  const bucketing = (list = []) =>
    Object.fromEntries(list.map(({ experienceId, variationId }) => [experienceId, variationId]));
  for (const { name, input, expected } of ofKind("convert", "v1")) {
    const visitors = input.visitors.map(({ newBucketing, storedBucketing, ...visitor }) => ({
      ...visitor,
      newBucketing: bucketing(newBucketing),
      storedBucketing: bucketing(storedBucketing),
    }));
    const [{ method, url, headers, body }] = await convert.conversions({ ...input, visitors });
    const { source, ...rest } = JSON.parse(body);
    assert.equal(source, "js4.4.3", name);
    const said = { method, path: new URL(url).pathname, contentType: headers["Content-Type"], body: rest };
    const { source: _, ...due } = expected.body;
    assert.deepEqual({ ...said, body: alike(said.body) }, { ...expected, body: alike(due) }, name);
  }
});

test("kameleoon.json, as text", async () => {
  for (const { name, input, expected } of ofKind("kameleoon", "conversion")) {
    const { siteCode, host, conversions } = input;
    const [{ url, body }] = await kameleoon.conversions({ siteCode, host, conversions });
    // The vectors have the lines in the order of the input; the SDK sends visitor by visitor, with nonces of its own.
    const lines = (text) =>
      text
        .split("\n")
        .filter((line) => line.startsWith("eventType=conversion&"))
        .map((line) => line.replace(/&nonce=[0-9A-Fa-f]{16}&/, "&"))
        .sort();
    assert.ok(url.startsWith(`https://${expected.text.host}${expected.text.path}?siteCode=${siteCode}&sdkName=`), name);
    assert.deepEqual(lines(body), lines(expected.text.body), name);
  }
});
