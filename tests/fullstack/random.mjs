// Random calls of VWO FullStack's `track`: settings, launch options, a user storage and a few calls, all from one seed.
//
// A scenario is plain data, so that one that fails can be printed and put into a test of its own. What is drawn leans
// towards what decides something: goals that exist, users that are listed, groups whose campaigns overlap.

/** Numbers from a seed: mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from, to) => from + Math.floor(next() * (to - from + 1));
  const pick = (list) => list[int(0, list.length - 1)];
  const chance = (probability) => next() < probability;
  const list = (from, to, make) => Array.from({ length: int(from, to) }, (_, index) => make(index));
  const shuffle = (items) => {
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = int(0, i);
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  };
  return { next, int, pick, chance, list, shuffle };
}

const namedUsers = ["Ashley", "Bill", "Chris", "Dominic", "Emma", "Faizan", "Gimmy", "Harry", "Ian", "John"];
const oddUsers = [
  "someone@mail.com",
  "é",
  "日本語",
  "😀 visitor",
  "İstanbul",
  "a b&c=d#e",
  "null",
  "0",
  " ",
  "ÿĀ",
  "7",
  "a,b",
  "lone \ud800",
  "\u0000",
  "__proto__",
  "long ".repeat(200),
];
const goals = ["CUSTOM", "REV", "PURCHASE", "call me", "g&b=ü", "CUSTOM_vwo_REV"];
const keys = ["AB1", "AB2", "Z", "7", "B", "12", "FT-1", "naïve key", "42", "ab1", "__proto__", "constructor"];
const revenueProps = ["amt", "total", "7"];
const names = ["country", "age", "plan", "0", "ref"];
/** What JavaScript's objects have anyway, or take for something else. */
const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", ""];
const values = [
  "in",
  "IN",
  "10",
  "10.0",
  "1e3",
  "",
  "0",
  "-5",
  "abc123",
  "null",
  "İ",
  "i̇",
  "ÀÉ",
  "line\nbreak",
  "10abc",
  ".5",
];
const oddValues = [
  10,
  10.5,
  0,
  -0,
  1e21,
  1e3,
  9007199254740992,
  true,
  false,
  null,
  [1, 2],
  {},
  { a: 1 },
  NaN,
  Infinity,
  undefined,
];

/** A user id; by far most are of a kind, so that every bucket gets its share. */
function user(r) {
  if (r.chance(0.1)) return r.pick(oddUsers);
  if (r.chance(0.25)) return r.pick(namedUsers);
  return `user_${r.int(1, 20000)}`;
}

const operandText = (r) => (r.chance(0.8) ? r.pick(values) : `${r.int(-3, 30)}`);

/** What a custom variable is compared with: every kind of operand, and texts that only look like one. */
function operand(r) {
  const text = operandText(r);
  const number = r.pick(["5", "10", "10.0", "5.", ".5", "007", "1e3", "-5", "", " 5", "999999999999999999999999"]);
  const kinds = {
    equal: () => text,
    other: () => r.pick([10, 0, 10.5, -5, 1e21, true, false]),
    lower: () => `lower(${r.pick([text, text.toUpperCase(), "ABC123", "i̇"])})${r.pick(["", "", "b", ")"])}`,
    wildcard: () => `wildcard(${r.pick(["", "*", "**"])}${r.pick([text, "b", "c1", "n"])}${r.pick(["", "*", "**"])})`,
    regex: () =>
      `regex(${r.pick(["^in$", "a+", ".*", "[", "^\\d+$", "(?=.*b)b", "(.)\\1", "^123$", "\\w{2}", "i", "(?<y>a)\\k<y>", "\\p{L}", "^$", "^.5", "null", "\\bab", "[^\\s]1"])})`,
    compare: () => `${r.pick(["gt", "gte", "lt", "lte"])}(${number})${r.pick(["", "", "", "x"])}`,
    nearly: () =>
      r.pick([
        ` lower(${text})`,
        `LOWER(${text})`,
        "lower()",
        "regex()",
        "gt()",
        "wildcard(",
        "lower(a\nb)",
        "wildcard(a)b*)",
      ]),
  };
  return kinds[r.pick(Object.keys(kinds))]();
}

/** A tree of the segmentation language. */
function segments(r, users, depth = 3) {
  if (depth === 3 && r.chance(0.03))
    return r.pick([{}, [], { foo: [] }, { and: {} }, { not: { foo: 1 } }, { and: [], or: [] }]);
  if (depth === 0 || r.chance(0.45)) {
    if (r.chance(0.25)) return { user: r.list(1, 4, () => r.pick(users)).join(r.pick([",", ", ", " , "])) };
    const node = { custom_variable: { [r.pick(r.chance(0.95) ? names : inherited)]: operand(r) } };
    if (r.chance(0.04)) node.custom_variable[r.pick(names)] = "second";
    if (r.chance(0.03)) node.or = [];
    return node;
  }
  const operator = r.pick(["and", "or", "or", "not"]);
  if (operator === "not") return { not: segments(r, users, depth - 1) };
  return { [operator]: r.list(0, 3, () => segments(r, users, depth - 1)) };
}

const weights = [
  [50, 50],
  [33.3333, 33.3333, 33.3333],
  [100],
  [10, 90],
  [0, 100],
  [0.5, 99.5],
  ["50", "50"],
  [33.33, 33.33, 33.34],
  [null, 100],
  ["", 70, 30],
  [25, 25, 25],
  [120, 40],
  [12.345, "20.5", 1e-7, 60],
  [0, 0],
];

const fractionless = [100, 100, 100, 100, 90, 75, 60, 50, 50, 33, 25, 10, 5, 1, 0];

function traffic(r) {
  if (r.chance(0.25)) return r.pick([99.5, 50.5, 33.3333, 12.5, 0.5, 1.25, 66.6, 100.5, 150]);
  return r.pick(fractionless);
}

function campaign(r, { id, key, users, textual, listed }) {
  const type = r.pick(["VISUAL_AB", "VISUAL_AB", "VISUAL_AB", "FEATURE_TEST", "FEATURE_TEST", "FEATURE_ROLLOUT"]);
  const forced = r.chance(0.3);
  const made = {
    id: textual ? `${id}` : id,
    key,
    type: r.chance(0.02) ? "OTHER" : type,
    status: r.chance(0.9) ? "RUNNING" : r.pick(["PAUSED", "NOT_STARTED", "running", ""]),
    percentTraffic: traffic(r),
    segments: r.chance(0.55) ? {} : segments(r, users),
    goals: r
      .shuffle(goals.slice(0, r.int(2, goals.length)))
      .map((identifier, index) => goal(r, id * 10 + index, identifier)),
    variations: r.pick(weights).map((weight, index) => {
      const variation = { id: index + 1, name: index === 0 ? "Control" : `Variation-${index}`, weight };
      if (textual) variation.id = `${index + 1}`;
      if (type !== "VISUAL_AB") variation.isFeatureEnabled = r.chance(0.5);
      if (forced && r.chance(0.6))
        variation.segments = r.chance(0.5) ? { user: listed(r).join(",") } : segments(r, users);
      return variation;
    }),
  };
  if (r.chance(0.5)) made.name = `Campaign ${key}`;
  if (forced) made.isForcedVariationEnabled = true;
  if (r.chance(0.2)) made.isUserListEnabled = r.chance(0.7);
  if (r.chance(0.3)) made.isBucketingSeedEnabled = r.chance(0.8);
  if (r.chance(0.25)) made.isOB = r.chance(0.7);
  if (r.chance(0.25)) made.isOBv2 = r.chance(0.7);
  if (r.chance(0.04)) made.isMAB = r.chance(0.7);
  return made;
}

function goal(r, id, identifier) {
  const made = {
    id: r.chance(0.1) ? `${id}` : id,
    identifier,
    type: r.chance(0.6) ? "CUSTOM_GOAL" : "REVENUE_TRACKING",
  };
  if (r.chance(0.4)) made.revenueProp = r.pick(revenueProps);
  if (r.chance(0.3)) made.mca = r.pick([-1, -1, "-1", 0, 1, "2"]);
  return made;
}

/** Mutually exclusive groups over some of the campaigns. */
function group(r, settings) {
  settings.campaignGroups = {};
  settings.groups = {};
  const free = r.shuffle(settings.campaigns);
  for (const id of [9, 3].slice(0, r.int(1, 2))) {
    const members = free.splice(0, r.int(1, Math.min(4, free.length)));
    for (const { id: member } of members) settings.campaignGroups[member] = id;
    const ids = r.shuffle(members.map(({ id }) => id));
    if (r.chance(0.15)) ids.push(999999); // a campaign that is not there
    const made = { name: `Group ${id}`, campaigns: ids };
    if (r.chance(0.6)) {
      made.et = r.pick([1, 2, 2, 2, "1", "2"]);
      if (r.chance(0.6)) made.p = r.shuffle(ids).slice(0, r.int(0, ids.length));
      if (r.chance(0.7))
        made.wt = Object.fromEntries(
          ids.filter(() => r.chance(0.8)).map((id) => [id, r.pick([10, 20, 33.3333, 50, 80, 0])]),
        );
    }
    settings.groups[id] = made;
    if (free.length === 0) break;
  }
}

function settingsFile(r, users) {
  const count = r.pick([1, 1, 2, 3, 4, 5]);
  const textual = r.chance(0.06);
  const listed = (r) => r.list(1, 4, () => r.pick(users));
  const campaigns = r
    .shuffle(keys)
    .slice(0, count)
    .map((key) => campaign(r, { id: r.int(1, 900), key, users, textual, listed }));
  // Two campaigns of one id do not happen at VWO; two of one key are in the rules.
  const seen = new Set();
  for (const made of campaigns) {
    while (seen.has(`${made.id}`)) made.id = textual ? `${r.int(1, 900)}` : r.int(1, 900);
    seen.add(`${made.id}`);
  }
  if (count > 1 && r.chance(0.03)) campaigns[1].key = campaigns[0].key;
  const account = r.pick([88888888, 123456, 1, 600100]);
  const settings = { version: r.pick([1, 2, "3"]), accountId: r.chance(0.15) ? `${account}` : account, campaigns };
  if (r.chance(0.95)) settings.sdkKey = r.pick(["SDKKEY", "0123456789abcdef0123456789abcdef"]);
  if (r.chance(0.4)) settings.isNB = r.chance(0.8);
  if (r.chance(0.3)) settings.isNBv2 = r.chance(0.8);
  if (r.chance(0.35)) settings.isEventArchEnabled = r.chance(0.9);
  if (r.chance(0.2)) settings.collectionPrefix = r.pick(["eu01", "as01", ""]);
  if (r.chance(0.35)) group(r, settings);
  else if (r.chance(0.5)) settings.groups = {};
  if (r.chance(0.06)) spoil(r, settings);
  return settings;
}

/** What the settings' schema refuses, or only seems to. */
function spoil(r, settings) {
  const [first] = settings.campaigns;
  r.pick([
    () => (first.percentTraffic = "50"),
    () => delete first.goals,
    () => delete first.segments,
    () => delete settings.version,
    () => (settings.sdkKey = 12),
    () => (first.isMAB = "true"),
    () => (settings.campaignGroups = { [first.id]: "9" }),
    () => (first.goals = {}),
    () => (first.goals = [{ foo: 1 }, ...first.goals]),
    () => (first.segments = []),
    () => (first.status = null),
    () => (settings.accountId = null),
    () => (settings.campaigns = {}),
    () => (settings.campaigns = []),
    () => delete settings.campaigns,
    () => (first.extra = { any: ["thing"] }),
  ])();
}

const anything = [
  ...[
    0,
    1,
    -1,
    2,
    0.5,
    33.3333,
    50,
    100,
    101,
    -5,
    1e21,
    true,
    false,
    null,
    [],
    {},
    [1],
    ["a"],
    [null],
    { a: 1 },
    { 0: "x" },
  ],
  ..."0|1|-1|50| 50 |5e1|0.5|abc|true|AB1|CUSTOM|CUSTOM_GOAL|REVENUE_TRACKING|RUNNING|ALL|__proto__|constructor|😀| |".split(
    "|",
  ),
];
const flags = [
  "isNB",
  "isNBv2",
  "isOB",
  "isOBv2",
  "isMAB",
  "isEventArchEnabled",
  "isForcedVariationEnabled",
  "isUserListEnabled",
];
const members = [
  ...flags,
  "segments",
  "weight",
  "et",
  "p",
  "wt",
  "mca",
  "revenueProp",
  "and",
  "or",
  "not",
  "user",
  "0",
];

/** The paths of everything in a value. */
const paths = (value, path = []) =>
  value && typeof value === "object"
    ? Object.keys(value).flatMap((name) => [[...path, name], ...paths(value[name], [...path, name])])
    : [];

/** Anything in place of anything: much of it passes the schema. */
function mutate(r, settings) {
  const all = paths(settings);
  const at = (path) => path.reduce((value, name) => value[name], settings);
  const path = r.pick(all);
  const parent = at(path.slice(0, -1));
  const name = path.at(-1);
  const text = parent[name];
  // A number in place of a variation's name is its text here; of a region only what is a path is the same.
  if (name === "collectionPrefix" || (name === "name" && path.includes("variations"))) return;
  const isNumber = typeof text === "string" && text.trim() !== "" && Number.isFinite(Number(text));
  r.pick([
    () => (Array.isArray(parent) ? parent.splice(Number(name), 1) : delete parent[name]),
    () => (parent[name] = r.pick(anything)),
    () => (parent[name] = r.pick(anything)),
    () => (parent[name] = structuredClone(at(r.pick(all)))),
    () => Array.isArray(parent) && parent.push(structuredClone(r.pick(parent))),
    () => Object.assign(parent, { [Array.isArray(parent) ? 0 : r.pick(members)]: r.pick(anything) }),
    () => (parent[name] = isNumber ? Number(text) : typeof text === "number" ? `${text}` : r.pick(anything)),
  ])();
}

function launchOptions(r) {
  const options = {};
  if (r.chance(0.2)) options.goalTypeToTrack = r.pick(["REVENUE_TRACKING", "CUSTOM_GOAL", "ALL"]);
  if (r.chance(0.2)) options.shouldTrackReturningUser = r.chance(0.5);
  if (r.chance(0.05)) options.isDevelopmentMode = r.chance(0.7);
  if (r.chance(0.02))
    Object.assign(
      options,
      r.pick([
        { goalTypeToTrack: "SOME" },
        { shouldTrackReturningUser: "yes" },
        { isDevelopmentMode: 1 },
        { goalTypeToTrack: "" },
        { goalTypeToTrack: ["ALL"] },
        { goalTypeToTrack: () => "ALL" },
        { isDevelopmentMode: null },
        { logging: { level: "3" } },
        { logging: { level: 0 } },
        { returnPromiseFor: new Map() },
        { batchEvents: { eventsPerRequest: 5, flushCallback: 5 } },
        { batchEvents: { eventsPerRequest: "5" } },
        { pollingInterval: "1000" },
        { pollingInterval: 1000, sdkKey: 5 },
        { asyncStorageConfig: [] },
      ]),
    );
  return options;
}

const nothings = [undefined, null, false, 0, ""];

/** What a user storage holds before the first call, and whether it throws. */
function storage(r, settings, users) {
  const records = [];
  const campaigns = Array.isArray(settings.campaigns) ? settings.campaigns : [];
  if (!r.chance(0.1))
    for (const userId of users)
      for (const { key, variations } of campaigns) {
        if (!r.chance(0.6)) continue;
        const record = {
          userId,
          campaignKey: key,
          variationName: r.chance(0.93) ? r.pick(variations).name : r.pick(["Gone", ""]),
        };
        if (r.chance(0.6)) record.goalIdentifier = r.list(1, 2, () => r.pick(goals)).join("_vwo_");
        if (r.chance(0.1)) record.metaData = { browser: "x" };
        if (r.chance(0.03)) delete record.campaignKey;
        if (r.chance(0.04))
          record.goalIdentifier = r.pick([...nothings, 5, true, [], ["CUSTOM"], {}, "_vwo_", "_vwo_REV_vwo_"]);
        if (r.chance(0.03)) record.variationName = r.pick([...nothings, 5, ["Control"], {}]);
        if (r.chance(0.03)) record.id = r.pick([5n, Infinity, undefined, new Date(0)]);
        if (r.chance(0.02)) record.self = record;
        records.push(record);
      }
  const made = { records };
  if (r.chance(0.04)) made.throws = r.pick(["get", "set"]);
  if (r.chance(0.06)) made.nothing = r.pick([null, undefined, false, ""]);
  return made;
}

/** A property that is the object's own, even where its name is `__proto__`. */
const own = (object, name, value) =>
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });

function variables(r) {
  const made = {};
  const value = () => (r.chance(0.75) ? r.pick(values) : r.pick(oddValues));
  for (const name of names) if (r.chance(0.6)) made[name] = value();
  if (r.chance(0.1)) made._vwoUserId = r.chance(0.8) ? r.pick(namedUsers) : r.pick([7, true, ["Ashley"], undefined]);
  if (r.chance(0.1)) own(made, r.pick(inherited), value());
  return made;
}

function trackOptions(r, settings, users) {
  const o = {};
  if (r.chance(0.7)) o.customVariables = variables(r);
  if (r.chance(0.35)) o.variationTargetingVariables = variables(r);
  if (r.chance(0.7))
    o.revenueValue = r.pick([12.5, 0, 1, "7.25", "100", 99.99, -5, "0", "", null, undefined, 1e21, "  5 ", "-3.50"]);
  if (r.chance(0.02)) o.revenueValue = r.pick(["abc", true, {}, NaN, Infinity, "1 2", [3]]);
  if (r.chance(0.15)) o.goalTypeToTrack = r.pick(["REVENUE_TRACKING", "CUSTOM_GOAL", "ALL"]);
  if (r.chance(0.25)) o.shouldTrackReturningUser = r.chance(0.5);
  if (r.chance(0.15)) {
    const { key, variations = [{ name: "Control" }] } =
      (Array.isArray(settings.campaigns) && r.pick(settings.campaigns)) || {};
    o.userStorageData = r.chance(0.85)
      ? { userId: r.pick(users), campaignKey: key, variationName: r.pick(variations)?.name }
      : {};
    if (r.chance(0.4)) o.userStorageData.goalIdentifier = r.pick(goals);
    if (r.chance(0.1))
      o.userStorageData[r.pick(["campaignKey", "variationName", "goalIdentifier", "n"])] = r.pick(nothings);
    if (r.chance(0.05)) o.userStorageData.id = 5n;
  }
  if (r.chance(0.25))
    o.metaData = r.pick([{}, { browser: "Firefox", os: { name: "Linux", v: [1, 2.5] } }, { 7: "x", b: null, a: true }]);
  if (r.chance(0.4))
    o.eventProperties = r.pick([
      {},
      { amt: 3, foo: "b" },
      { total: "7", 7: 1, a: null },
      { amt: 0.1 },
      { total: 1e21, é: ["x", { y: -0 }] },
      { amt: undefined, total: undefined, isCustomEvent: undefined },
      JSON.parse('{"__proto__": {"amt": 1}, "constructor": 2, "vwoMeta": 3, "toString": 4}'),
      "text",
      [1, "b"],
      7,
    ]);
  if (r.chance(0.02)) o.eventProperties = null;
  if (!settings.isEventArchEnabled && r.chance(0.03)) o.eventProperties = { id: 5n };
  if (r.chance(0.2)) o.userAgent = r.pick(["Moz/5 (X)", "ü/1.0", "", "a&b=c d"]);
  if (r.chance(0.2)) o.userIpAddress = r.pick(["1.2.3.4", "::1", ""]);
  return o;
}

const badOptions = [
  { customVariables: null },
  { customVariables: [] },
  { customVariables: "a" },
  { variationTargetingVariables: 5 },
  { userStorageData: null },
  { metaData: [] },
  { goalTypeToTrack: "" },
  { goalTypeToTrack: "SOME" },
  { goalTypeToTrack: null },
  { shouldTrackReturningUser: "yes" },
  { shouldTrackReturningUser: null },
  null,
  [],
  "text",
];

function call(r, settings, users) {
  const known = (Array.isArray(settings.campaigns) ? settings.campaigns : []).map(({ key }) => key);
  const key = () => (known.length === 0 || r.chance(0.05) ? r.pick(["NOPE", "nope", "99"]) : r.pick(known));
  const kind = r.next();
  let campaignKey = key();
  if (kind < 0.25) campaignKey = r.list(0, 4, () => key());
  else if (kind < 0.45) campaignKey = r.pick([null, undefined]);
  const made = [campaignKey, r.pick(users), r.chance(0.95) ? r.pick(goals.slice(0, 4)) : r.pick(goals)];
  if (r.chance(0.9)) made.push(trackOptions(r, settings, users));
  if (r.chance(0.04)) {
    const place = r.int(0, 3);
    made[3] ??= {};
    made[place] = [
      () => r.pick(["", 12, true, {}, [null], [12, "AB1"], [""]]),
      () => r.pick(["", null, undefined, 12, {}, []]),
      () => r.pick(["", null, undefined, 12, {}, "NO SUCH GOAL"]),
      () => r.pick(badOptions),
    ][place]();
  }
  return made;
}

/** One client with its settings and storage, and what it is asked, in order. */
export function scenario(r) {
  const users = r.list(1, 3, () => user(r));
  const settings = settingsFile(r, users);
  const made = { settings, launch: launchOptions(r), calls: [] };
  if (r.chance(0.4)) made.storage = storage(r, settings, users);
  if (r.chance(0.2)) made.integrations = true;
  const count = r.int(1, 4);
  while (made.calls.length < count)
    made.calls.push(made.calls.length > 0 && r.chance(0.25) ? r.pick(made.calls) : call(r, settings, users));
  if (r.chance(0.2)) for (let times = r.int(1, 3); times > 0; times--) mutate(r, settings);
  return made;
}
