// Requests of two makers in one form, to be compared: values as they are meant, not as they are written.
//
// What must differ is left out: how the maker calls itself, its own usage statistics, and what belongs to the transport.
// Clocks stand still while these requests are made, so times stay in.

/** The names of each path's query, in order. The SDK does not encode values: only the names tell where one ends. */
const queries = {
  "/server-side/track-goal":
    "experiment_id combination sId u sdk sdk-v env account_id random ap visitor_ua visitor_ip goal_id r?",
  "/server-side/batch-events": "a eb? ig? ss? cl? ll? tr? gt? pi? _l? sdk sdk-v env",
  "/events/t": "en a env eTime random p visitor_ua visitor_ip",
};
const ours = ["sdk", "sdk-v", "eb", "ig", "ss", "cl", "ll", "tr", "gt", "pi", "_l"];

/** A query of these names as an expression, each pair a group of its own. */
const expression = (names) => {
  const pairs = names
    .split(" ")
    .map((name, index) => `(?:(?<_${index}>${name.replace("?", "")}=.*?)&)${name.endsWith("?") ? "?" : ""}`);
  return new RegExp(`^${pairs.join("")}$`, "s");
};
const grammar = Object.fromEntries(Object.entries(queries).map(([path, names]) => [path, expression(names)]));

/** A number between 0 and 1 is as good as any other. */
const random = (value) => (Number(value) >= 0 && Number(value) < 1 ? "a random number" : value);

/** Splits the region off a path: `/eu01/events/t`. */
function known(path) {
  const end = Object.keys(queries).find((end) => path.endsWith(end));
  if (!end) throw new Error(`a path that nobody knows: ${path}`);
  return end;
}

function body(text) {
  if (text === undefined) return undefined;
  const json = JSON.parse(text);
  const props = json.d?.event?.props;
  if (props) {
    // Event properties may override them: then they are the caller's.
    for (const [name, value] of Object.entries({ vwo_sdkName: /^(vwo-node-sdk|aftercall)$/, vwo_sdkVersion: /^\d/ }))
      if (value.test(props[name])) delete props[name];
  }
  // Text, so that the order of the members counts as well.
  return JSON.stringify(json);
}

const headers = (given) =>
  Object.fromEntries(
    Object.entries(given ?? {}).filter(([name]) =>
      ["Authorization", "X-Device-User-Agent", "VWO-X-Forwarded-For"].includes(name),
    ),
  );

/** A request of the SDK, as `sdk.mjs` records it. */
export function ofSdk({ method, host, path: target, headers: given, body: text }) {
  const [path] = target.split("?");
  const found = grammar[known(path)].exec(target.slice(path.length + 1));
  if (!found) throw new Error(`a query that nobody knows: ${target}`);
  const query = Object.entries(found.groups)
    .filter(([, pair]) => pair !== undefined)
    .map(([, pair]) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])
    // The only ones that the SDK does encode.
    .map(([name, value]) => [name, ["visitor_ua", "visitor_ip"].includes(name) ? decodeURIComponent(value) : value]);
  return form({ method, host, path, query, headers: headers(given), body: body(text) });
}

/** A `ConversionRequest`. */
export function ofUrl({ method, url, headers: given, body: text }) {
  const { protocol, host, pathname: path, search, hash, username } = new URL(url);
  if (protocol !== "https:" || hash || username) throw new Error(`an address that nobody expects: ${url}`);
  known(path);
  const query = search
    .slice(1)
    .replace(/&$/, "")
    .split("&")
    .map((pair) => [pair.slice(0, pair.indexOf("=")), decodeURIComponent(pair.slice(pair.indexOf("=") + 1))]);
  return form({ method, host, path, query, headers: headers(given), body: body(text) });
}

function form({ query, ...request }) {
  return {
    ...request,
    query: query
      .filter(([name]) => !ours.includes(name))
      .map(([name, value]) => [name, name === "random" ? random(value) : value]),
  };
}
