// How to ask what the published vectors ask, of whichever build. What a vector's fields mean is written in
// tests/vectors/NOTICE.md.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const at = "2026-11-20T09:30:00Z";

/** A case that this release cannot be asked. */
export class LeftOut {
  constructor(why) {
    this.why = why;
  }
}

/** The request for one platform, from a visitor that nobody captured: accounts come from the caller alone. */
function request(face, platform, visitor, conversion, account) {
  const plan = face.conversionRequests(
    { [platform]: visitor },
    { id: "call-1", at, ...conversion },
    { [platform]: account },
  );
  assert.ok(plan.requests.length <= 1, "one request a platform");
  return plan.requests[0] ?? plan.skipped[0]?.code ?? null;
}

/** What looks personal is left out of a context, where the vectors tell what the cookie says. */
const unlessPersonal = (id) => (id && /@|^\+\d/.test(id) ? undefined : (id ?? undefined));
const sorted = (list) => [...list].sort();
const withoutEmpty = (lists) => Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
const cents = (amount) =>
  amount === undefined ? undefined : `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;
const codes = (context, platform) =>
  context.problems.filter((problem) => problem.platform === platform).map(({ code }) => code);

/** Query parameters as they stand in the URL, sorted. */
const rawQuery = (url) =>
  url
    .slice(url.indexOf("?") + 1)
    .split("&")
    .sort();

/**
 * How to ask a face what a case asks: [what it says, what is due].
 * By file and, where a file has kinds, by kind.
 */
export const ask = {
  "optimizely-classic"({ cookie, projectId, accountId, event, revenueCents }, expected, face) {
    const context = face.capture({ cookie, now: 0 });
    const visitor = context.optimizely;
    if (expected.optedOut)
      return [
        [visitor, codes(context, "optimizely").includes("opted-out")],
        [undefined, true],
      ];
    const endUserId = unlessPersonal(expected.endUserId);
    // Without its id a visitor cannot be told of: whatever else the cookies say has nowhere to go.
    if (!endUserId)
      return [
        request(face, "optimizely", visitor ?? {}, { optimizely: { event } }, { accountId, projectId, api: "classic" }),
        "no-visitor-id",
      ];
    const revenue = cents(revenueCents);
    const { method, url, body } = request(
      face,
      "optimizely",
      visitor,
      { revenue, optimizely: { event } },
      { accountId, projectId, api: "classic" },
    );
    const { host, pathname, protocol } = new URL(url);
    const unspecified = new RegExp(`^(${[...(expected.unspecifiedParams ?? []), "time"].join("|")})=`);
    const said = {
      endUserId: visitor.endUserId,
      experiments: visitor.experiments,
      segments: visitor.segments,
      malformed: codes(context, "optimizely").length,
      request: [method, protocol, host, pathname, body],
      validUrl: /^[\x21-\x7e]+$/.test(url),
      params: rawQuery(url).filter((pair) => !unspecified.test(pair)),
      time: rawQuery(url).filter((pair) => pair.startsWith("time=")),
    };
    const due = {
      endUserId,
      experiments: expected.experiments,
      segments: expected.segments,
      malformed: expected.malformed?.length ?? 0,
      request: ["GET", "https:", `${projectId}.log.optimizely.com`, "/event", undefined],
      validUrl: true,
      params: sorted(Object.entries(expected.params).map((pair) => pair.join("="))),
      // Ours in addition: the vectors book at arrival.
      time: [`time=${Date.parse(at) / 1000}`],
    };
    return [said, due];
  },

  "optimizely-events"(input, expected, face) {
    const { accountId, projectId, revision, anonymizeIP, botFiltering, region, visitorId } = input;
    const idOf = (list, wanted) => list.find(({ key }) => key === wanted)?.id;
    const attributes = Object.entries(input.userAttributes)
      .map(([key, value]) => ({ id: idOf(input.attributes, key), key, value }))
      .filter(({ id }) => id !== undefined);
    const ofOptimizely = "$opt_bot_filtering";
    if (botFiltering !== undefined) attributes.push({ id: ofOptimizely, key: ofOptimizely, value: botFiltering });
    const optimizely = {
      event: input.eventKey,
      eventId: idOf(input.events, input.eventKey),
      tags: input.eventTags,
      attributes,
      revision,
      anonymizeIp: anonymizeIP,
    };
    const said = request(
      face,
      "optimizely",
      { endUserId: visitorId },
      { optimizely },
      { accountId, projectId, api: "events", region: region?.toLowerCase() },
    );
    // An event that the project does not know has no id.
    if (expected.request === null) return [said, "invalid-conversion"];
    assert.deepEqual(said.headers, { "Content-Type": "application/json" });
    const body = JSON.parse(said.body);
    const { events } = body.visitors[0].snapshots[0];
    assert.match(events[0].uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(events[0].timestamp, Date.parse(at));
    Object.assign(events[0], { uuid: "<uuid v4>", timestamp: "<ms>" });
    Object.assign(body, { client_name: "<client_name>", client_version: "<client_version>" });
    return [{ method: said.method, url: said.url, body }, expected.request];
  },

  "vwo-web"({ cookie }, expected, face) {
    const context = face.capture({ cookie, now: 0 });
    if (expected.optedOut)
      return [
        [context.vwo, codes(context, "vwo").includes("opted-out")],
        [undefined, true],
      ];
    return [
      { uuid: context.vwo?.uuid, campaigns: context.vwo?.campaigns ?? {} },
      { uuid: expected.uuid ?? undefined, campaigns: expected.campaigns },
    ];
  },

  "vwo-identity": {
    // The identity of mobile apps: what `track-goal` sends as `u`.
    md5({ userId }, expected, face) {
      const visitor = { campaigns: { 1: ["2"] } };
      const built = request(face, "vwo", visitor, { vwo: { goalId: 3, userId } }, { accountId: 4, api: "track-goal" });
      return [new URL(built.url).searchParams.get("u"), expected.md5];
    },
    // The identity of FullStack: what `server-side` sends as `u`.
    uuid({ accountId, userId }, expected, face) {
      const visitor = { campaigns: { 1: ["2"] } };
      const account = { accountId, api: "server-side", sdkKey: "a1b2" };
      const built = request(face, "vwo", visitor, { vwo: { goalId: 3, userId } }, account);
      return [new URL(built.url).searchParams.get("u"), expected.uuid];
    },
    murmur: () => new LeftOut("the bucketing of FullStack"),
    bucket: () => new LeftOut("the bucketing of FullStack"),
  },

  kameleoon: {
    cookie: ({ cookie }, expected, face) => [
      face.capture({ cookie, now: 0 }).kameleoon?.visitorCode,
      unlessPersonal(expected.visitorCode),
    ],
    conversion({ siteCode, host, conversions }, expected, face) {
      const pairs = conversions.map(({ visitorCode, goalId, revenue, negative, metadata }, index) => {
        // The first entry of an index wins: an object has one.
        const values =
          metadata && Object.fromEntries([...metadata].reverse().map(({ index, values }) => [index, values]));
        const kameleoon = { goalId, negative, metadata: values };
        return { visitor: { kameleoon: { visitorCode } }, conversion: { id: `call-${index}`, at, revenue, kameleoon } };
      });
      const nonces = new Set();
      const withoutNonces = (body) =>
        body.replace(/(nonce(?:=|":"))([0-9a-fA-F]{16})\b/g, (_, name, nonce) => {
          nonces.add(nonce.toLowerCase());
          return `${name}…`;
        });
      const said = ["json", "text"].map((format) => {
        const { requests, skipped } = face.conversionBatches(pairs, {
          kameleoon: { siteCode, dataHost: host, format },
        });
        assert.deepEqual([requests.length, skipped], [1, []]);
        const [{ method, url, headers, body }] = requests;
        const { host: to, pathname: path, searchParams } = new URL(url);
        const text = withoutNonces(body);
        return {
          method,
          host: to,
          path,
          query: Object.fromEntries(searchParams),
          type: headers["Content-Type"],
          body: format === "json" ? JSON.parse(text) : text,
        };
      });
      assert.equal(nonces.size, conversions.length);
      const due = [
        {
          ...expected.json,
          type: "application/json",
          body: expected.json.body.map((event) => ({ ...event, nonce: "…" })),
        },
        { ...expected.text, type: "text/plain", body: withoutNonces(expected.text.body) },
      ];
      return [said, due];
    },
    // What is in there shows in the experiments of a visitor who has no other traces of them.
    obfuscated({ value }, expected, face) {
      const storage = { kameleoonData: JSON.stringify({ value }) };
      const { kameleoon, problems } = face.capture({ cookie: "kameleoonVisitorCode=245fc", storage, now: 0 });
      const visits = JSON.parse(expected.text).Visitor.visits.map((visit) => visit.ExperimentActivations ?? {});
      const seen = visits.flatMap((activations) =>
        Object.entries(activations).map(([id, { associatedVariationID }]) => [id, `${associatedVariationID}`]),
      );
      return [
        [kameleoon.experiments, problems],
        [Object.fromEntries(seen), []],
      ];
    },
  },

  convert: {
    cookie({ cookie }, expected, face) {
      const context = face.capture({ cookie, now: 0 });
      if (expected.optedOut)
        return [
          [context.convert, codes(context, "convert").includes("opted-out")],
          [undefined, true],
        ];
      const visitor = context.convert;
      return [
        {
          visitorId: visitor?.visitorId,
          experiences: visitor?.experiences ?? {},
          goals: withoutEmpty(visitor?.goals ?? {}),
          segments: sorted(visitor?.segments ?? []),
        },
        {
          visitorId: unlessPersonal(expected.visitorId),
          experiences: expected.experiences,
          goals: withoutEmpty(expected.goals),
          segments: sorted(expected.segments),
        },
      ];
    },

    legacyGet({ customerId, projectId, experiences = [], goals = [], transaction }, expected, face) {
      const visitor = {
        visitorId: "1753000000000-0.5",
        experiences: Object.fromEntries(experiences.map((each) => [each.experienceId, each.variationId])),
        goals: Object.fromEntries(experiences.map((each) => [each.experienceId, each.goals ?? []])),
      };
      const ids = (list, isNew) =>
        list.filter((each) => each.new === isNew).map((each) => each.goalId ?? each.experienceId);
      const conversion = {
        revenue: transaction?.value,
        quantity: transaction?.products,
        convert: {
          goalIds: ids(goals, true),
          pastGoalIds: ids(goals, false),
          // The vectors count a goal as new although an experience has seen it before.
          repeat: true,
          firstViewOf: ids(experiences, true),
          transaction: transaction && { id: transaction.transactionId, goalIds: transaction.goalIds },
        },
      };
      const { method, url } = request(face, "convert", visitor, conversion, {
        accountId: customerId,
        projectId,
        api: "tracking-request",
      });
      const { host, pathname, searchParams } = new URL(url);
      // The new ones lead in the order given; the order of the rest, and of the goals in a triplet, carries nothing.
      const order = ({ e, ...params }) => {
        if (e === undefined) return params;
        const triplets = e
          .split(",")
          .map((triplet) => triplet.replace(/[\d.]+$/, (list) => sorted(list.split(".")).join(".")));
        const fresh = Number(params.ea);
        return { ...params, e: [triplets.slice(0, fresh), sorted(triplets.slice(fresh))] };
      };
      const { params, ...rest } = expected;
      return [
        { method, host, path: pathname, params: order(Object.fromEntries(searchParams)) },
        { ...rest, params: order(params) },
      ];
    },
    v1({ accountId, projectId, enrichData, visitors }, expected, face) {
      const bucketing = (list = []) =>
        Object.fromEntries(list.map(({ experienceId, variationId }) => [experienceId, variationId]));
      const pairs = visitors.flatMap(({ visitorId, segments, newBucketing, storedBucketing, conversions }, who) => {
        const experiences = { ...bucketing(storedBucketing), ...bucketing(newBucketing) };
        const visitor = { convert: { visitorId, experiences, segments: segments?.customSegments ?? [] } };
        // A visitor may reach no goal at all, and be told of for what was seen alone.
        return (conversions.length > 0 ? conversions : [{}]).map(({ goalId, goalData }, which) => {
          const value = (wanted) => goalData?.find(({ key }) => key === wanted)?.value;
          const id = value("transactionId");
          const conversion = {
            id: `${who}-${which}`,
            revenue: goalData && (value("amount") ?? 0),
            quantity: value("productsCount"),
            convert: {
              goalIds: goalId ? [goalId] : [],
              firstViewOf: which === 0 ? (newBucketing ?? []).map(({ experienceId }) => experienceId) : [],
              transaction: goalData && (id === undefined ? { parts: 3 } : { id }),
            },
          };
          return { visitor, conversion };
        });
      });
      const { requests, skipped, warnings } = face.conversionBatches(pairs, {
        convert: { accountId, projectId, enrichData, api: "v1" },
      });
      assert.deepEqual([requests.length, skipped, warnings], [1, [], []]);
      const [{ method, url, headers, body }] = requests;
      const said = {
        method,
        path: new URL(url).pathname,
        contentType: headers["Content-Type"],
        body: JSON.parse(body),
      };
      // Pairs of goal data have no order. Other segments than a visitor's own and the custom dimensions of a goal have no
      // field in a conversion; a transaction has an amount, if it is 0.
      const sayable = ({ source, visitors, ...rest }) => ({
        ...rest,
        visitors: visitors.map(({ events, segments, ...visitor }) => ({
          ...visitor,
          segments: segments?.customSegments,
          events: events.map(({ data: { goalData, ...data }, eventType }) => {
            const pairs = goalData && {
              amount: 0,
              ...Object.fromEntries(goalData.map(({ key, value }) => [key, value])),
            };
            for (const key of Object.keys(pairs ?? {})) if (key.startsWith("customDimension")) delete pairs[key];
            return { eventType, data: { ...data, goalData: pairs } };
          }),
        })),
      });
      assert.equal(said.body.source, "aftercall");
      return [
        { ...said, body: sayable(said.body) },
        { ...expected, body: sayable(expected.body) },
      ];
    },
  },
};

/** The cases of a file. */
export const casesOf = (file) => JSON.parse(readFileSync(new URL(`vectors/${file}.json`, import.meta.url), "utf8"));
