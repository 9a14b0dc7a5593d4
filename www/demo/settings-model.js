// Settings as the form knows them (texts by field name) and as Aftercall takes them (accounts and goals).

/** @typedef {import("../types/index.js").Accounts} Accounts */
/** @typedef {import("../types/index.js").Conversion} Conversion */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {Record<string, string>} Settings By field name: `platform.entry`. */

/**
 * The demo's own accounts: those that platforms.js plays.
 * @type {Settings}
 */
export const defaults = {
  "optimizely.accountId": "2914063057",
  "optimizely.projectId": "3108842716",
  "optimizely.event": "phone_call",
  "optimizely.eventId": "3130552917",
  "optimizely.api": "",
  "vwo.accountId": "704512",
  "vwo.api": "web-goal",
  "vwo.goals": "21=204",
  "vwo.event": "phoneCall",
  "kameleoon.siteCode": "n0rdlys8xq",
  "kameleoon.goalId": "412907",
  "kameleoon.dataHost": "eu-data.kameleoon.io",
  "convert.accountId": "10047213",
  "convert.projectId": "10048396",
  "convert.goalIds": "100473218",
  "convert.api": "v1",
};

/** A choice between fixed values: alone it does not say that a platform is used. */
const choices = new Set(["optimizely.api", "vwo.api", "kameleoon.dataHost", "convert.api"]);

/**
 * Is this platform to be told? Somebody who leaves all of its fields empty does not use it.
 * @param {Settings} settings
 * @param {string} platform
 */
export function isUsed(settings, platform) {
  return Object.entries(settings).some(
    ([name, value]) => name.startsWith(`${platform}.`) && !choices.has(name) && value.trim(),
  );
}

/**
 * @param {Settings} settings
 * @returns {Accounts}
 */
export function accountsOf(settings) {
  const value = reader(settings);
  return used(settings, {
    optimizely: {
      accountId: value("optimizely.accountId"),
      projectId: value("optimizely.projectId"),
      api: value("optimizely.api"),
    },
    vwo: { accountId: value("vwo.accountId"), api: value("vwo.api") },
    kameleoon: {
      siteCode: value("kameleoon.siteCode"),
      dataHost: value("kameleoon.dataHost"),
      format: value("kameleoon.format"), // no field asks for it: the back office does
    },
    convert: {
      accountId: value("convert.accountId"),
      projectId: value("convert.projectId"),
      api: value("convert.api"),
    },
  });
}

/**
 * The goals, one part a platform: what every conversion has in common. What the chosen interface has no place for stays
 * out.
 * @param {Settings} settings
 * @returns {Partial<Conversion>}
 */
export function goalsOf(settings) {
  const value = reader(settings);
  const classic = value("optimizely.api") === "classic";
  const events = value("vwo.api") === "events";
  return used(settings, {
    optimizely: {
      event: value("optimizely.event") ?? "",
      eventId: classic ? undefined : value("optimizely.eventId"),
    },
    vwo: { ...vwoGoals(value("vwo.goals") ?? ""), event: events ? (value("vwo.event") ?? "") : undefined },
    kameleoon: { goalId: value("kameleoon.goalId") ?? "" },
    convert: { goalIds: parts(value("convert.goalIds") ?? "") },
  });
}

/**
 * The conversion that a call or a form turned out to be.
 * @param {Settings} settings
 * @param {Contact} contact
 * @returns {Conversion}
 */
export function conversionOf(settings, { id, at, revenue, quantity, userId }) {
  const goals = goalsOf(settings);
  if (goals.vwo && userId) goals.vwo.userId = userId;
  return { id, at, revenue, quantity: quantity ? Number(quantity) : undefined, ...goals };
}

/**
 * `campaign=goal, …`, or one goal alone.
 * @param {string} text
 */
function vwoGoals(text) {
  const entries = parts(text);
  if (entries.length === 1 && !text.includes("=")) return { goalId: entries[0] };
  return {
    goals: Object.fromEntries(
      entries.map((entry) => {
        const [campaign, ...goal] = entry.split("=");
        return [campaign.trim(), goal.join("=").trim()];
      }),
    ),
  };
}

/** @param {string} text */
function parts(text) {
  return text.split(",").flatMap((part) => part.trim() || []);
}

/** @param {Settings} settings */
function reader(settings) {
  /** @returns {any} Text: what is wrong with it is for `checkSettings` to say. */
  return (/** @type {string} */ name) => settings[name]?.trim() || undefined;
}

/**
 * Only the platforms that are used.
 * @template {object} Parts
 * @param {Settings} settings
 * @param {Parts} all
 * @returns {Partial<Parts>}
 */
function used(settings, all) {
  return /** @type {Partial<Parts>} */ (
    Object.fromEntries(Object.entries(all).filter(([platform]) => isUsed(settings, platform)))
  );
}
