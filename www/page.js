/**
 * The page that this runs in: its cookies, storage, address and what the platforms' scripts put on `window`.
 *
 * Here and only here is anything ambient read. Every step may fail: pages without cookies, sandboxed frames, storage that
 * throws, somebody else's `window.optimizely`. What fails is as if it were not there. On an ordinary page nothing throws: an
 * engine that throws puts a trace together, whoever catches it. Plain JavaScript, for tests of the core read it as it is.
 */

/**
 * What `read` finds.
 * @param {() => any} read
 */
const tried = (read) => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/** @param {any} value */
const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

/**
 * @param {any} object
 * @param {string} name
 */
const get = (object, name) => (isObject(object) ? tried(() => object[name]) : undefined);

/**
 * @param {any} object
 * @param {string} name
 * @param {any} [argument]
 */
const call = (object, name, argument) => {
  const method = get(object, name);
  return typeof method === "function" ? tried(() => method.call(object, argument)) : undefined;
};

/** @param {any} value */
const text = (value) => (typeof value === "string" ? value : undefined);

/**
 * An id that a script gives as text or as a number.
 * @param {any} value
 */
const id = (value) =>
  (typeof value === "string" || typeof value === "number") && /^\d+$/.test(`${value}`) ? value : undefined;

/**
 * The entries that a platform may have written: all others stay unread.
 * @param {any} storage
 */
const entries = (storage) => {
  /** @type {Record<string, string | undefined>} */
  const found = {};
  for (let index = 0; ; index++) {
    const key = text(call(storage, "key", index));
    if (key === undefined) return found; // behind the last one
    if (/^kameleoon|^optimizely_data\$\$.*\$\$(layer_states|variation_map)$/.test(key))
      found[key] = text(call(storage, "getItem", key));
  }
};

/**
 * As `PageState` has them.
 * @param {any} window
 */
const globals = (window) => {
  const optimizely = get(window, "optimizely");
  /** @param {string} getter */
  const ours = (getter) => id(call(optimizely, getter));
  // Web Experimentation's script. Before it has loaded there is an array in its place, which has no `get`; once it has, each
  // answer may still be nothing. `data` is full of getters: only what is needed of it is touched.
  /** @param {string} name */
  const ask = (name) => call(optimizely, "get", name);
  const data = ask("data");
  const states = call(ask("state"), "getCampaignStates");
  const convert = get(get(window, "convert"), "data");
  return {
    optimizely: {
      accountId: ours("getAccountId") ?? id(get(data, "accountId")),
      projectId: ours("getProjectId") ?? id(get(data, "projectId")),
      visitorId: text(get(ask("visitor_id"), "randomId")),
      // As text: what cannot be written, or nests too deep to be read, costs itself alone.
      campaignStates: tried(() => JSON.stringify(states)),
    },
    vwo: { accountId: id(get(window, "_vwo_acc_id")) },
    // The older script has `u_id` and `prj`.
    convert: {
      accountId: id(get(convert, "account_id")) ?? id(get(convert, "u_id")),
      projectId: id(get(get(convert, "project"), "id")) ?? id(get(get(convert, "prj"), "id")),
    },
  };
};

/** The page's cookies; nothing where it may have none. */
export const readCookies = () => text(tried(() => window.document.cookie));

/** @param {string | undefined} cookie */
const page = (cookie) => {
  if (typeof window === "undefined" || !isObject(get(window, "document"))) return undefined;
  return {
    cookie,
    storage: entries(get(window, "localStorage")),
    url: text(get(get(window, "location"), "href")),
    globals: globals(window),
  };
};

/**
 * The page as `PageState`, but for the time; nothing where there is no page.
 * @param {string | undefined} [cookie] Its cookies, for whoever has them.
 * @returns {object | undefined}
 */
export const readPage = (cookie = readCookies()) => tried(() => page(cookie));
