/**
 * Sends requests over `fetch`, one attempt each.
 *
 * A request is never repeated here: a GET that arrived and was not answered would be counted twice.
 */
import type { ConversionRequest } from "./types/index.js";
import type { Delivery } from "./types/vwo-fullstack.js";

/** Ms for one attempt. */
export const timeout = 10_000;

/** Browsers let only so many bytes outlive a page, for all its requests together. */
const outlivesPage = 60_000;

const inPage = () => typeof document !== "undefined";

/** Never rejects: what went wrong is in the outcome. */
export async function send(request: ConversionRequest): Promise<Delivery> {
  const { method, url, headers, body } = request;
  const page = inPage();
  const delivery = (outcome: Delivery["outcome"], more?: Partial<Delivery>): Delivery => ({
    request,
    outcome,
    attempts: 1,
    ...more,
  });
  try {
    const response = await fetch(url, {
      method,
      body,
      // A page cannot name itself; elsewhere platforms drop what looks like a bot.
      headers: page ? headers : { "User-Agent": `aftercall/${__VERSION__}`, ...headers },
      signal: AbortSignal.timeout(timeout),
      ...(page && {
        keepalive: (body ?? "").length < outlivesPage,
        // A plain GET needs nobody's leave to go out, only to be read.
        ...(method === "GET" && Object.keys(headers).length === 0 && { mode: "no-cors" }),
      }),
    });
    if (response.type === "opaque") return delivery("sent");
    // An answer that is not read to its end would keep the connection.
    await response.body?.cancel();
    const { ok, status } = response;
    // Not now is not no.
    const refused = status >= 500 || [408, 425, 429].includes(status) ? "unreachable" : "rejected";
    return delivery(ok ? "accepted" : refused, { status });
  } catch (error) {
    const { cause, message } = Object(error) as Error; // anything may be thrown
    // Unless the runtime says that no connection was made, nobody knows whether it arrived.
    const { syscall } = Object(cause) as { syscall?: string };
    return delivery(syscall === "connect" || syscall === "getaddrinfo" ? "unreachable" : "unknown", { message });
  }
}
