// Where we differ from the vendor's SDK on purpose: what docs/vwo-fullstack.md says, and nothing more.

/** What we answer where the SDK answers `due`. */
export function deviate(due, [, userId, , options]) {
  // The SDK stumbles over half a character as late as it makes the visitor's id.
  if (typeof userId === "string" && !userId.isWellFormed()) return { ...due, result: null };
  const requests = due.requests.map((request) => corrected(request, options));
  return { ...due, requests };
}

function corrected({ body, ...request }, options) {
  return {
    ...request,
    body: body && infinite(request.path.endsWith("/batch-events") ? eachInItsPlace(body, options) : body, options),
  };
}

/** Of several campaigns the SDK writes the visitor's address where the browser belongs. */
function eachInItsPlace(body, { userAgent, userIpAddress } = {}) {
  const { ev } = JSON.parse(body);
  const events = ev.map((event) => ({ ...event, visitor_ua: userAgent || "", visitor_ip: userIpAddress || "" }));
  return JSON.stringify({ ev: events });
}

/** An infinite amount is a text, for JSON has no such number: the SDK's bodies have null in its place. */
function infinite(body, { revenueValue } = {}) {
  if (revenueValue !== Infinity) return body;
  const json = JSON.parse(body);
  for (const event of json.ev ?? []) if (event.r === null) event.r = "Infinity";
  const meta = json.d?.event.props.vwoMeta ?? {};
  for (const [name, value] of Object.entries(meta)) if (value === null) meta[name] = "Infinity";
  return JSON.stringify(json);
}
