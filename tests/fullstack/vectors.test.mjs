// The vectors of `track`, recorded from the vendor's SDK, through the built entry.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { deviate } from "./deviations.mjs";
import { client } from "./ours.mjs";
import { play } from "./run.mjs";

const vectors = JSON.parse(readFileSync(new URL("../vectors/vwo-track.json", import.meta.url), "utf8"));

/** What the vectors say of a request: no times, and no order. */
function untimed({ query, body, ...request }) {
  const { random, sId, eTime, ...rest } = Object.fromEntries(query);
  const json = body && JSON.parse(body);
  if (json?.d) {
    delete json.d.msgId;
    delete json.d.sessionId;
    delete json.d.event.time;
  }
  for (const event of json?.ev ?? []) delete event.sId;
  return { ...request, query: rest, body: json };
}

/** A vector's request in the form that `normal.mjs` gives to requests. */
const normal = ({ query, body, usage, ...request }) => ({
  ...request,
  query: Object.entries(query),
  body: body && JSON.stringify(body),
});

test("the vectors of track", (t) => {
  let calls = 0;
  for (const { name, input, expected } of vectors) {
    const scenario = {
      settings: input.settings,
      launch: input.launchOptions ?? {},
      storage: input.storage && { records: input.storage },
      calls: input.calls.map(({ campaignKey, userId, goalIdentifier, options }) => [
        campaignKey,
        userId,
        goalIdentifier,
        options,
      ]),
    };
    const played = play(scenario, client);
    for (const [index, call] of scenario.calls.entries()) {
      const due = expected.calls[index];
      const { requests } = deviate({ requests: due.requests.map(normal) }, call);
      assert.deepEqual(
        { result: played[index].result, requests: played[index].requests.map(untimed), writes: played[index].writes },
        { result: due.result, requests: requests.map(untimed), writes: due.storageWrites ?? [] },
        `${name}, call ${index + 1}`,
      );
      calls += 1;
    }
  }
  t.diagnostic(`${vectors.length} cases, ${calls} calls`);
  assert.ok(calls > 1000);
});
