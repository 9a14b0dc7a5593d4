// What the command `aftercall` reads: the calls as a CSV file, the settings as its aftercall.toml.

/** @typedef {import("../types/index.js").Accounts} Accounts */
/** @typedef {import("../types/index.js").Conversion} Conversion */

/**
 * One line a call. Names and numbers of people stay out: the platforms are told none.
 * @param {{ id: string, at: string, token: string, revenue?: string, quantity?: string }[]} calls
 */
export function callsCsv(calls) {
  const lines = calls.map(({ id, at, revenue, quantity, token }) =>
    [id, at, revenue, quantity, token].map((value = "") => (/[",\r\n]/.test(value) ? quoted(value) : value)).join(","),
  );
  return ["call_id,start_time,value,products,aftercall_ctx", ...lines, ""].join("\n");
}

/**
 * The settings for such a file. They have the names that they have in JavaScript, in snake_case.
 * @param {Accounts} accounts
 * @param {Partial<Conversion>} goals
 * @param {string} [via] Where the simulator is.
 */
export function settingsToml(accounts, goals, via) {
  const columns = { id: "call_id", token: "aftercall_ctx", at: "start_time", revenue: "value", quantity: "products" };
  const platforms = Object.entries(accounts).map(([platform, account]) =>
    section(platform, { ...account, .../** @type {Record<string, any>} */ (goals)[platform] }),
  );
  return [section("columns", columns), ...platforms, via ? section("delivery", { via }) : ""]
    .filter(Boolean)
    .join("\n");
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} members
 */
function section(name, members) {
  const lines = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} = ${toml(value)}\n`);
  return `[${name}]\n${lines.join("")}`;
}

/**
 * JSON but for objects: TOML's inline tables.
 * @param {unknown} value
 * @returns {string}
 */
function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object" || !value) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)} = ${toml(member)}`);
  return `{ ${members.join(", ")} }`;
}

const quoted = (/** @type {string} */ value) => `"${value.replaceAll('"', '""')}"`;
