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
  "vwo.accountId": "704512",
  "vwo.api": "web-goal",
  "vwo.goals": "21=204",
  "kameleoon.siteCode": "n0rdlys8xq",
  "kameleoon.goalId": "412907",
  "kameleoon.dataHost": "eu-data.kameleoon.io",
  "convert.accountId": "10047213",
  "convert.projectId": "10048396",
  "convert.goalIds": "100473218",
};

/** A choice between fixed values: alone it does not say that a platform is used. */
const choices = new Set(["vwo.api", "kameleoon.dataHost"]);

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
    optimizely: { accountId: value("optimizely.accountId"), projectId: value("optimizely.projectId"), api: "classic" },
    vwo: { accountId: value("vwo.accountId"), api: value("vwo.api") },
    kameleoon: { siteCode: value("kameleoon.siteCode"), dataHost: value("kameleoon.dataHost") },
    convert: { accountId: value("convert.accountId"), projectId: value("convert.projectId"), api: "tracking-request" },
  });
}

/**
 * The goals, one part a platform: what every conversion has in common.
 * @param {Settings} settings
 * @returns {Partial<Conversion>}
 */
export function goalsOf(settings) {
  const value = reader(settings);
  return used(settings, {
    optimizely: { event: value("optimizely.event") ?? "" },
    vwo: vwoGoals(value("vwo.goals") ?? ""),
    kameleoon: { goalId: value("kameleoon.goalId") ?? "" },
    convert: { goalIds: parts(value("convert.goalIds") ?? "") },
  });
}

/**
 * The conversion that a call or a form turned out to be.
 * @param {Settings} settings
 * @param {Contact} contact
 * @param {{ revenue?: string, quantity?: number, userId?: string }} outcome
 * @returns {Conversion}
 */
export function conversionOf(settings, contact, { revenue, quantity, userId }) {
  const goals = goalsOf(settings);
  if (goals.vwo && userId) goals.vwo.userId = userId;
  return { id: contact.id, at: contact.at, revenue, quantity, ...goals };
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
