// A visitor whom four platforms know, three experiments each, as their scripts leave it in a page; others like it; and what
// came of them. Story and benchmark read it. All ids are made up.
const json = (value) => encodeURIComponent(JSON.stringify(value));

/** ms since the epoch: the visit. */
const visit = Date.UTC(2026, 2, 2, 9, 30);

/** The visitor of that number, up to 99. */
const cookies = (number) => ({
  optimizelyEndUserId: `oeu17724438000${number}r0.4142135623730951`,
  optimizelyBuckets: json({ 21000000011: "21000000012", 21000000021: "21000000023", 21000000031: "21000000032" }),
  _vwo_uuid_v2: `D5F1E2D3C4B5A69788796A5B4C3D2E1${number}|0f1e2d3c4b5a69788796a5b4c3d2e1f0`,
  _vwo_uuid: `D5F1E2D3C4B5A69788796A5B4C3D2E1${number}`,
  _vis_opt_exp_11_combi: "2",
  _vis_opt_exp_12_combi: "1",
  _vis_opt_exp_15_combi: "3",
  _vwo_ds: encodeURIComponent("3$1772443800:66.5::"),
  _vwo_sn: encodeURIComponent("0:2"),
  kameleoonVisitorCode: `c0ffee01234567${number}`,
  _conv_v: encodeURIComponent(
    `vi:17724438000${number}-0.1414213562373095*sc:1*cs:1772443800*fs:1772443800*pv:3*exp:{100330001.{v.1003130001-g.{}}-100330002.{v.1003130004-g.{}}-100330003.{v.1003130006-g.{}}}`,
  ),
  _conv_s: encodeURIComponent(`si:1*sh:17724438000${number}-0.1414213562373095*pv:3`),
  // Cookies of others, to be stepped over.
  _ga: "GA1.1.1234567890.1772443800",
  PHPSESSID: "a1b2c3d4e5f6a7b8c9d0e1f2a3",
});

const kameleoonExperiment = (variation) =>
  JSON.stringify({ value: `${variation}/${visit}`, expirationDate: visit + 30 * 86_400_000 });

/** The page of one of these visitors, as `capture` takes it. */
export const pageOf = (number) => ({
  cookie: Object.entries(cookies(String(number).padStart(2, "0")))
    .map(([name, value]) => `${name}=${value}`)
    .join("; "),
  storage: {
    "kameleoonExperiment-250101": kameleoonExperiment(980101),
    "kameleoonExperiment-250102": kameleoonExperiment(0),
    "kameleoonExperiment-250103": kameleoonExperiment(980105),
  },
  url: "https://shop.example/product/42",
  globals: {
    optimizely: { accountId: "8511325", projectId: "1234567" },
    vwo: { accountId: "600100" },
    kameleoon: { siteCode: "f17c21u1ag" },
    convert: { accountId: "10012345", projectId: "10016789" },
  },
  now: visit,
});

export const page = pageOf(0);

/** The order that comes by telephone three days later. */
export const conversion = {
  id: "order-1042",
  at: "2026-03-05T16:20:00Z",
  revenue: "249.90",
  optimizely: { event: "phone_order" },
  vwo: { goals: { 11: 7 } },
  kameleoon: { goalId: 36151 },
  convert: { goalIds: ["100136097"] },
};

/** The accounts, as the back end knows them. Each platform's interface follows from the visitor. */
export const accounts = {
  optimizely: { accountId: "8511325", projectId: "1234567" },
  vwo: { accountId: "600100" },
  kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" },
  convert: { accountId: "10012345", projectId: "10016789" },
};

/**
 * A day's calls, one a visitor, as a call tracker keeps them: all with a token but the last, whose visitor had forbidden
 * scripts.
 * @param {(page: object) => string} tokenOf
 */
export function calls(tokenOf) {
  const count = 12;
  const yesterday = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
  return Array.from({ length: count }, (_, number) => ({
    id: `call-${2001 + number}`,
    at: new Date(yesterday + number * 47 * 60_000).toISOString(),
    token: number === count - 1 ? "" : tokenOf(pageOf(number)),
    revenue: number % 3 === 2 ? undefined : `${49 + 10 * number}.90`,
  }));
}
