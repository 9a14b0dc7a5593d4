/**
 * Sends what `conversionRequests` built, from pages, workers, Node and edge runtimes, and asks Kameleoon what became of it.
 *
 * ```js
 * import { conversionRequests } from "aftercall";
 * import { send } from "aftercall/deliver";
 *
 * const visitor = { kameleoon: { visitorCode: "l200u3djm8kovq4o" } };
 * const accounts = { kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" } };
 * const { requests } = conversionRequests(visitor, { id: "call-4711", kameleoon: { goalId: 36151 } }, accounts);
 * const gone = AbortSignal.abort(); // here nothing shall leave
 * const deliveries = await send(requests, { signal: gone });
 * deliveries.map(({ outcome, attempts }) => [outcome, attempts]); // → [["aborted", 0]]
 * ```
 *
 * There is nothing to start: importing has no side effect, and the module inside starts at the first call.
 */
import type { ConversionRequest, IdLike } from "./index.js";

export interface SendOptions {
  /**
   * Attempts a request, first included. Default 3; waits grow exponentially, with jitter; `Retry-After` is obeyed, up to a
   * minute. After a time-out or a reset only a request whose `repeat` is `safe` goes out again.
   */
  attempts?: number;
  /** Ms for one attempt. Default 10 000. */
  timeout?: number;
  /**
   * Let requests outlive the page (`fetch` keepalive). Default true in a page. Browsers let 64 KiB do so at a time: a body
   * that goes beyond leaves without.
   */
  keepalive?: boolean;
  /** Outside pages. Default: a product name and version; platforms drop what looks like a bot. */
  userAgent?: string;
  /**
   * For tests and demos: send to this loopback address instead (`http://127.0.0.1:8788`, `http://[::1]:8788` or
   * `http://localhost:8788`); the real URL travels in the header `Aftercall-Url`.
   */
  via?: string;
  signal?: AbortSignal;
  /** Never in a page: whoever looks at it would have them. */
  secrets?: {
    /** The secret of Convert's SDK key. It goes with JSON to Convert's own hosts, and nowhere else. */
    convert?: string;
  };
}

/** What became of one request. */
export interface Delivery {
  request: ConversionRequest;
  /**
   * - `accepted`: the platform took it. Most do so before they look at it.
   * - `sent`: it left, and the platform's answer may not be read (a page's cross-origin GET). Where a connection breaks that it
   *   had kept, Chromium repeats a GET by itself: it may count twice.
   * - `rejected`: the platform refuses it, or it is no request that may leave; `message` says which.
   * - `unreachable`: it did not get through and was not counted.
   * - `unknown`: it left, and nobody answered: it may have been counted. In a page most failures are of this kind, for a
   *   browser does not say what failed.
   * - `aborted`: the signal came before it left.
   */
  outcome: "accepted" | "sent" | "rejected" | "unreachable" | "unknown" | "aborted";
  /** What the platform answered to the last attempt. */
  status?: number;
  attempts: number;
  message?: string;
}

/**
 * Send requests, some at a time; deliveries come back in their order. Never rejects for what a platform answers: every
 * request comes back with its outcome.
 *
 * Only https URLs are sent to. In a page a GET leaves in a way that needs nobody's leave (`no-cors`), and so does JSON for
 * Optimizely and VWO (as `text/plain`). No redirect is followed, but for a page's GET.
 * @throws AftercallError `invalid-argument` for an option, `wasm-blocked`.
 */
export function send(requests: ConversionRequest[], options?: SendOptions): Promise<Delivery[]>;

export interface KameleoonQuery {
  siteCode: string;
  dataHost: string;
  /** The visitor's code, or (one of the two) the value of the custom data that the project maps visitors by. */
  visitorCode?: string;
  mappingValue?: string;
  goalId: IdLike;
  revenue?: string | number;
  /** Only conversions at or after this time count as ours. Without it nothing is ever `absent`, for it may be too early. */
  since?: string | number | Date;
  /** Feature Experimentation only. Default false. */
  currentVisit?: boolean;
  /** 1 to 25. Default 5. */
  maxNumberPreviousVisits?: number;
}

/**
 * GET /visit/visitor: has Kameleoon recorded the conversion?
 * `not-yet`: without Feature Experimentation a visit appears about 30 minutes after its last activity.
 * @throws AftercallError `invalid-argument` for an entry or an option, `wasm-blocked`.
 */
export function verifyKameleoon(
  query: KameleoonQuery,
  options?: SendOptions,
): Promise<{
  state: "recorded" | "not-yet" | "absent" | "unreachable";
  message: string;
  visits: KameleoonVisit[];
}>;

/** A visit as Kameleoon tells it; the current one stands first. */
export interface KameleoonVisit {
  siteCode: string;
  visitorCode: string;
  timeStarted: number;
  conversionEvents?: {
    itp?: boolean;
    time: number;
    data: { goalId: number; revenue: number; negative: boolean; metadata: Record<string, unknown> };
  }[];
  [field: string]: unknown;
}
