// Our `track` against the vendor's SDK, on random settings, users and calls: results, requests, what is stored and what the
// integrations are told.
//
//   SEED=… CALLS=… node --test tests/fullstack/differential.test.mjs
import assert from "node:assert/strict";
import test from "node:test";
import { inspect, isDeepStrictEqual } from "node:util";
import { deviate } from "./deviations.mjs";
import { ofSdk } from "./normal.mjs";
import { client as ourClient } from "./ours.mjs";
import { random, scenario } from "./random.mjs";
import { play } from "./run.mjs";
import { client as sdkClient } from "./sdk.mjs";

const seed = Number(process.env.SEED ?? 20261122);
const calls = Number(process.env.CALLS ?? 10_000);

const sdk = (settings, options) => {
  const client = sdkClient(settings, options);
  return {
    track(...call) {
      const { result, requests } = client.track(...call);
      return { result, requests: requests.map(ofSdk) };
    },
  };
};

/** What there is to reach, and how often it must be at least in 12,000 calls: about a third of what is usual. */
const branches = {
  "result null": 500,
  "result true": 1500,
  "result false": 3000,
  "true and false in one result": 100,
  "no request": 1000,
  GET: 500,
  "batch POST": 300,
  "event POST": 300,
  "event POST with several metrics": 30,
  "request with revenue": 200,
  whitelisted: 300,
  stored: 300,
  "stored, goal already tracked": 30,
  "stored variation that is gone": 3,
  "storage that throws": 50,
  "not activated": 100,
  "bucketed, old": 100,
  "bucketed, NBv1": 20,
  "bucketed, NBv2": 20,
  "bucketed, seed of the campaign": 50,
  "in the traffic, but no variation": 10,
  "group, random, won": 20,
  "group, advanced, won": 20,
  "group, lost": 20,
  "segments that say no": 30,
  "development mode": 50,
  "unusable settings or options": 10,
};

/** The branches that a call went through, told from outside. */
function* reached({ settings, launch, storage }, call, { result, requests, writes, decisions }) {
  const values = Object.values(result ?? {});
  if (result === null) yield "result null";
  if (values.includes(true)) yield "result true";
  if (values.includes(false)) yield "result false";
  if (values.includes(false) && values.includes(true)) yield "true and false in one result";
  if (requests.length === 0) yield "no request";
  for (const { path, body, query } of requests) {
    if (path.endsWith("/track-goal")) yield "GET";
    if (path.endsWith("/batch-events")) yield "batch POST";
    if (path.endsWith("/events/t")) {
      yield "event POST";
      if (Object.keys(JSON.parse(body).d.event.props.vwoMeta?.metric ?? {}).length > 1)
        yield "event POST with several metrics";
    }
    if (query.some(([name]) => name === "r") || /"r":/.test(body)) yield "request with revenue";
  }
  if (result?.isDevelopmentMode) yield "development mode";
  if (storage?.throws) yield "storage that throws";
  for (const decision of decisions) {
    const campaign = settings.campaigns.find(({ id }) => id === decision.campaignId);
    const group = decision.groupId && settings.groups[decision.groupId];
    if (decision.isUserWhitelisted) yield "whitelisted";
    else if (decision.fromUserStorageService) {
      yield "stored";
      if (values.length === 1 && values[0] === false) yield "stored, goal already tracked";
    } else if (decision.variationName) {
      const { isNB, isNBv2 } = settings;
      const { isOB, isOBv2, isBucketingSeedEnabled, percentTraffic } = campaign;
      if (((!isNB && !isNBv2) || (isNB && isOB)) && percentTraffic !== 0) yield "bucketed, old";
      else if ((isNB && !isOB && !isNBv2) || (isNBv2 && isOBv2)) yield "bucketed, NBv1";
      else yield "bucketed, NBv2";
      if (isBucketingSeedEnabled && !isNB && !isNBv2) yield "bucketed, seed of the campaign";
      if (group) yield group.et === undefined || group.et === 1 ? "group, random, won" : "group, advanced, won";
      if (storage && !group) yield "stored variation that is gone";
    } else yield "in the traffic, but no variation";
  }
  const [key, , goalIdentifier] = call;
  const campaign = typeof key === "string" && settings.campaigns?.find?.((campaign) => campaign?.key === key);
  const quiet = decisions.length === 0 && writes.length === 0 && result?.[key] === false;
  const relevant =
    campaign &&
    campaign.status === "RUNNING" &&
    campaign.goals?.some?.((goal) => goal?.identifier === goalIdentifier && goal?.type === "CUSTOM_GOAL");
  if (quiet && relevant && storage && !storage.throws) yield "not activated";
  if (quiet && relevant && !storage && campaign.percentTraffic === 100) {
    if (settings.campaignGroups?.[campaign.id]) yield "group, lost";
    else if (Object.keys(campaign.segments).length > 0) yield "segments that say no";
  }
  if (
    result === null &&
    typeof key === "string" &&
    key &&
    call[1] &&
    call[2] &&
    (launch.goalTypeToTrack === "SOME" || !Array.isArray(settings.campaigns) || settings.version === undefined)
  )
    yield "unusable settings or options";
}

/** The members in which two objects differ, of each; nothing where they are equal. */
function apart(one, other) {
  const names = Object.keys(other).filter((name) => !isDeepStrictEqual(one[name], other[name]));
  return names.length > 0
    ? [one, other].map((object) => Object.fromEntries(names.map((name) => [name, object[name]])))
    : [];
}

test(`${calls} calls: ours and the SDK's`, (t) => {
  t.diagnostic(`SEED=${seed}`);
  t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_500 });
  const r = random(seed);
  const tally = Object.fromEntries(Object.keys(branches).map((branch) => [branch, 0]));
  const differences = [];
  let played = 0;
  while (played < calls) {
    const one = scenario(r);
    const due = play(one, sdk);
    const found = play(one, ourClient);
    for (const [index, call] of one.calls.entries()) {
      played += 1;
      for (const branch of new Set(reached(one, call, due[index]))) tally[branch] += 1;
      const expected = deviate(due[index], call);
      const [wrong, right] = apart(found[index], expected);
      if (right)
        differences.push({ call, expected: right, found: wrong, ...one, calls: one.calls.slice(0, index + 1) });
    }
  }
  for (const [branch, count] of Object.entries(tally)) t.diagnostic(`${`${count}`.padStart(6)} ${branch}`);
  const shown = differences
    .slice(0, 3)
    .map((difference) => inspect(difference, { depth: null, compact: 4, breakLength: 140 }));
  assert.equal(
    differences.length,
    0,
    `${differences.length} of ${played} calls differ; the first:\n${shown.join("\n\n")}`,
  );
  for (const [branch, least] of Object.entries(branches))
    assert.ok(tally[branch] >= (least * calls) / 12_000, `${branch}: ${tally[branch]} times, not ${least}`);
});
