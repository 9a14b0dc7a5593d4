// Plays the four A/B-testing platforms: gives this visitor ids, decides each variation once, and leaves behind the cookies,
// storage entries and globals that the real snippets leave, in their formats. All ids are invented; nothing is sent.
//
// A classic script that blocks the parser, as such snippets do: the decisions stand before the page is drawn.

{
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  const DAY = 86_400; // cookie lives are in seconds

  // ── what the shop tests: one experiment per platform, and what a visitor can see of it ──

  /**
   * The names that the platforms' own back ends would show.
   * @type {Record<string, Record<string, { name: string, variations: Record<string, string> }>>}
   */
  const experiments = {
    optimizely: {
      3112745061: { name: "Hero", variations: { 3130288417: "Winter night", 3128906534: "Summer morning" } },
      3119460253: {
        name: "Opening hours",
        variations: { 3121573908: "In the footer", 3122047715: "Beside the number" },
      },
      3127731402: { name: "First visit", variations: { 3129410587: "At your garden", 3129410588: "By video" } },
    },
    vwo: { 21: { name: "Wording of the call", variations: { 1: "Call us", 2: "Talk to a builder" } } },
    kameleoon: {
      218437: {
        name: "Delivery promise",
        variations: { 0: "Six weeks (original)", 921844: "Before the first snow" },
      },
    },
    convert: { 100312874: { name: "Price", variations: { 1003185519: "One sum", 1003185520: "Per month" } } },
  };
  Object.assign(window, { shopExperiments: experiments });

  // ── cookies, storage, chance ──

  /** Storage and cookies may be forbidden (settings, a sandboxed frame): then every page view is a first one. */
  const attempt = (/** @type {() => string | null | void} */ action) => {
    try {
      return action() ?? "";
    } catch {
      return "";
    }
  };
  const readCookie = (/** @type {string} */ name) =>
    attempt(() => {
      const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
      return found?.slice(name.length + 1);
    });
  /** The value as it stands in the cookie: each platform has its own idea of encoding. */
  const writeCookie = (/** @type {string} */ name, /** @type {string} */ value, /** @type {number} */ life) =>
    attempt(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: the platforms' way; the asynchronous one is too late for them
      document.cookie = `${name}=${value}; path=/; max-age=${Math.round(life)}; SameSite=Lax`;
    });
  const readStorage = (/** @type {string} */ key) => attempt(() => localStorage.getItem(key));
  const writeStorage = (/** @type {string} */ key, /** @type {string} */ value) =>
    attempt(() => localStorage.setItem(key, value));

  const pick = (/** @type {string | string[]} */ from) => from[Math.floor(Math.random() * from.length)];
  const word = (/** @type {string} */ alphabet, /** @type {number} */ length) =>
    Array.from({ length }, () => pick(alphabet)).join("");
  /** One of an experiment's variations. */
  const decide = (/** @type {string} */ platform, /** @type {string} */ id) =>
    pick(Object.keys(experiments[platform][id].variations));

  // ── Optimizely Classic, which this shop has not taken off its pages yet: ids and choices in cookies, JSON percent-encoded; segment values are encoded twice ──

  const optimizely = { accountId: 2914063057, projectId: 3108842716 };
  const endUserId = readCookie("optimizelyEndUserId") || `oeu${now}r${Math.random()}`;
  const segments = {
    3115208840: browser(),
    3115610337: document.referrer ? "referral" : "direct",
    3116074509: String(/Mobi/.test(navigator.userAgent)),
    3117391625: encodeURIComponent("winter evenings"), // a custom dimension
  };
  /** @type {Record<string, string>} */
  const buckets = json(readCookie("optimizelyBuckets")) ?? {
    3112745061: decide("optimizely", "3112745061"),
    3119460253: decide("optimizely", "3119460253"),
    3124819976: "0", // "ignored": this visitor is not in that experiment
  };
  writeCookie("optimizelyEndUserId", encodeURIComponent(endUserId), 3650 * DAY);
  writeCookie(
    "optimizelySegments",
    readCookie("optimizelySegments") || encodeURIComponent(JSON.stringify(segments)),
    3650 * DAY,
  );
  writeCookie("optimizelyBuckets", encodeURIComponent(JSON.stringify(buckets)), 3650 * DAY);

  // ── Optimizely Web Experimentation, beside it: decisions in localStorage under the visitor's id, and in the API ──

  const layer = "3126648820";
  const decisions = `optimizely_data$$${endUserId}$$${optimizely.projectId}$$layer_states`;
  const [decided = { i: layer, t: now, x: "3127731402", v: decide("optimizely", "3127731402"), h: false }] =
    json(readStorage(decisions)) ?? [];
  writeStorage(decisions, JSON.stringify([decided]));
  const states = {
    [layer]: {
      id: layer,
      campaignName: "First visit",
      experiment: { id: decided.x, name: "First visit" },
      variation: { id: decided.v, name: experiments.optimizely[decided.x].variations[decided.v] },
      isActive: true,
      isInCampaignHoldback: false,
    },
  };
  const answers = {
    visitor_id: { randomId: endUserId },
    state: { getCampaignStates: () => states },
    data: { accountId: String(optimizely.accountId), projectId: String(optimizely.projectId) },
  };
  // Where its cookie does not stick, Optimizely tracks nobody.
  if (readCookie("optimizelyEndUserId"))
    Object.assign(window, {
      optimizely: {
        getAccountId: () => optimizely.accountId,
        getProjectId: () => optimizely.projectId,
        get: (/** @type {keyof typeof answers} */ name) => answers[name],
        push() {},
      },
    });

  // ── VWO: plain cookies; the bar in _vwo_uuid_v2 is raw, other values are percent-encoded ──

  const uuid = readCookie("_vwo_uuid") || `D${word("0123456789ABCDEF", 32)}`;
  const combination = readCookie("_vis_opt_exp_21_combi") || decide("vwo", "21");
  writeCookie("_vwo_uuid", uuid, 365.2425 * DAY);
  writeCookie("_vwo_uuid_v2", readCookie("_vwo_uuid_v2") || `${uuid}|${word("0123456789abcdef", 32)}`, 366 * DAY);
  writeCookie("_vis_opt_exp_21_combi", combination, 100 * DAY);
  // First visit in seconds; then each session's start relative to it. A session ends after half an hour without a page.
  const state = readCookie("_vwo_ds") || encodeURIComponent(`3$${seconds}:${(Math.random() * 100).toFixed(8)}::`);
  const firstVisit = Number(decodeURIComponent(state).split("$")[1].split(":")[0]);
  const [start, pages] = decodeURIComponent(readCookie("_vwo_sn") || `${seconds - firstVisit}:0`).split(":");
  writeCookie("_vwo_ds", state, 90 * DAY);
  writeCookie("_vwo_sn", encodeURIComponent(`${start}:${Number(pages) + 1}`), DAY / 48);
  writeCookie("_vis_opt_s", readCookie("_vis_opt_s") || encodeURIComponent("1|"), 100 * DAY);
  Object.assign(window, { _vwo_acc_id: 704512 });

  // ── Kameleoon: the visitor code is a cookie, written as it is; choices stand in localStorage, wrapped with their expiry ──

  const visitorCode = readCookie("kameleoonVisitorCode") || word("abcdefghijklmnopqrstuvwxyz0123456789", 16);
  writeCookie("kameleoonVisitorCode", visitorCode, 365 * DAY);
  const assignment =
    json(readStorage("kameleoonExperiment-218437"))?.value ?? `${decide("kameleoon", "218437")}/${now}`;
  writeStorage(
    "kameleoonExperiment-218437",
    JSON.stringify({ value: assignment, expirationDate: now + 30 * DAY * 1000 }),
  );

  // ── Convert: pairs joined by *, ids in a JSON of its own; vi:1 means that the session's hash is the visitor id ──

  const visitor = pairs(readCookie("_conv_v"));
  const session = pairs(readCookie("_conv_s"));
  visitor.exp ??= `{100312874.{v.${decide("convert", "100312874")}-g.{}}-100312990.{v.1-g.{}}}`; // v.1: excluded from that one
  const pageViews = (/** @type {Record<string, string>} */ of) => String(Number(of.pv ?? 0) + 1);
  const since = session.sh ? (visitor.cs ?? String(seconds)) : String(seconds);
  const sessions = String(Number(visitor.sc ?? 0) + (session.sh ? 0 : 1));
  writeCookie(
    "_conv_v",
    encodeURIComponent(
      joined({
        vi: visitor.vi ?? "1",
        sc: sessions,
        cs: since,
        fs: visitor.fs ?? since,
        pv: pageViews(visitor),
        exp: visitor.exp,
        seg: visitor.seg ?? "{10031564.1}",
      }),
    ),
    182.5 * DAY,
  );
  writeCookie(
    "_conv_s",
    encodeURIComponent(joined({ sh: session.sh ?? `${now}-${Math.random()}`, si: sessions, pv: pageViews(session) })),
    1200,
  );
  Object.assign(window, { convert: { data: { account_id: "10047213", project: { id: "10048396" } } } });

  // ── what the visitor sees of it: the stylesheet shows the texts of the chosen variations ──

  Object.assign(document.documentElement.dataset, {
    hero: buckets[3112745061] === "3128906534" ? "morning" : "night",
    hours: buckets[3119460253] === "3122047715" ? "beside" : "footer",
    visit: decided.v === "3129410588" ? "video" : "garden",
    call: combination === "2" ? "builder" : "plain",
    delivery: assignment.startsWith("0") ? "weeks" : "snow",
    price: visitor.exp.includes("1003185520") ? "month" : "sum",
  });

  // ── small readers ──

  function browser() {
    const agent = navigator.userAgent;
    if (agent.includes("Edg/")) return "edge";
    if (agent.includes("Firefox/")) return "ff";
    if (agent.includes("Chrome/")) return "gc";
    return agent.includes("Safari/") ? "safari" : "unknown";
  }

  /** @param {string} text JSON, percent-encoded or not; anything else is nothing. */
  function json(text) {
    try {
      return JSON.parse(text.startsWith("%") ? decodeURIComponent(text) : text);
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} cookie
   * @returns {Record<string, string>}
   */
  function pairs(cookie) {
    const text = decodeURIComponent(cookie);
    return Object.fromEntries(
      text
        .split("*")
        .flatMap((pair) =>
          pair.includes(":") ? [[pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]] : [],
        ),
    );
  }

  /** @param {Record<string, string>} values */
  function joined(values) {
    return Object.entries(values)
      .map(([key, value]) => `${key}:${value}`)
      .join("*");
  }
}
