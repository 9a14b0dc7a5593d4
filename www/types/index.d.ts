/**
 * Aftercall tells Optimizely, VWO, Kameleoon and Convert about conversions that happen after the visit.
 *
 * ```js
 * import { capture, stash, conversionRequests } from "aftercall";
 *
 * // In the page, or on a server with the request's Cookie header:
 * const visitor = capture({ cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" });
 * const token = stash(visitor); // keep it with the call, the order or the lead
 *
 * // Days later:
 * const conversion = { id: "call-4711", at: "2026-11-20T09:30:00Z", kameleoon: { goalId: 36151 } };
 * const accounts = { kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" } };
 * const { requests, skipped } = conversionRequests(token, conversion, accounts);
 * requests.map((request) => request.method); // → ["POST"]
 * skipped; // → []
 * ```
 *
 * There is nothing to await and nothing to configure. Importing has no side effect and is safe on a server.
 */

/** A platform's own id, as the platform prints it. */
export type Id = string;
/** Wherever an id goes in, a number will do; but not one beyond 2^53 - 1, which JavaScript changes: pass that as text. */
export type IdLike = string | number | bigint;
export type Platform = "optimizely" | "vwo" | "kameleoon" | "convert";

// ───────────────────────────── capture: what the platforms know of this visitor ─────────────────────────────

/** What to read instead of the page: a server passes the `Cookie` header, a test passes a page it made up. */
export interface PageState {
  /** `document.cookie`, or a request's `Cookie` header. */
  cookie?: string;
  /** localStorage entries, by key. */
  storage?: Record<string, string>;
  /** The page's address: Convert hands visitors across domains in it. */
  url?: string;
  /** What the platforms' scripts put on `window`, as far as it is known: account ids, Optimizely's state. */
  globals?: PageGlobals;
  /** Ms since the Unix epoch; default: the clock. */
  now?: number;
}

export interface PageGlobals {
  /**
   * `visitorId`: `get("visitor_id").randomId`; it goes before the cookie, for a site may bring ids of its own.
   * `campaignStates`: what `get("state").getCampaignStates()` answers; it goes before what the script has stored.
   */
  optimizely?: { accountId?: IdLike; projectId?: IdLike; visitorId?: string; campaignStates?: unknown };
  vwo?: { accountId?: IdLike };
  kameleoon?: { siteCode?: string };
  convert?: { accountId?: IdLike; projectId?: IdLike };
}

/**
 * Read every platform's cookies, storage and globals into one visitor context: of this page, or of the one given (then
 * nothing ambient is read). Neither a page nor an argument: an empty context with the problem `no-page`.
 *
 * Never throws, whatever the page holds. What could not be used is named in `problems`; where a policy forbids
 * WebAssembly, that is `wasm-blocked` (use `aftercall/js`).
 *
 * ```js
 * import { capture } from "aftercall";
 *
 * const visitor = capture({ cookie: "kameleoonVisitorCode=l200u3djm8kovq4o", now: Date.UTC(2026, 10, 20) });
 * visitor.kameleoon.visitorCode; // → "l200u3djm8kovq4o"
 * visitor.problems; // → []
 * ```
 */
export function capture(page?: PageState): VisitorContext;

export interface VisitorContext {
  /** Ms since the Unix epoch. A token keeps the UTC day; two contexts that differ in it alone are unchanged. */
  capturedAt: number;
  optimizely?: OptimizelyVisitor;
  vwo?: VwoVisitor;
  kameleoon?: KameleoonVisitor;
  convert?: ConvertVisitor;
  /**
   * Visitor or session ids of call trackers found on the page, by tracker: the join key of last resort. Names are `callrail`,
   * `ctm`, `infinity`, `invoca`, `responsetap` and `whatconverts`.
   */
  callTrackers?: Record<string, string>;
  /** Present but unusable, one entry a reason. Empty when all is well. */
  problems: Problem[];
}

export interface OptimizelyVisitor {
  endUserId: string;
  /** `optimizelyPPID`, the site's own user id: where set, Optimizely counts by it. Left out where it looks personal. */
  userId?: string;
  accountId?: Id;
  projectId?: Id;
  /** Experiment id → variation id (`optimizelyBuckets`). "0" (ignored) never appears; MVT ids stay joined by `_`. */
  experiments: Record<Id, string>;
  /** Segment id → value as stored (`optimizelySegments`): already percent-encoded by Optimizely. */
  segments: Record<Id, string>;
  /**
   * Optimizely Web Experimentation only: what it decided for the visitor, campaign by campaign. No experiment and no
   * variation: a personalisation that shows the visitor nothing, or a campaign that holds the visitor back.
   */
  decisions?: { campaignId: Id; experimentId: Id | null; variationId: Id | null; isCampaignHoldback: boolean }[];
}

export interface VwoVisitor {
  /** `_vwo_uuid`, else the first half of `_vwo_uuid_v2`. Absent where neither is there or valid. */
  uuid?: string;
  accountId?: Id;
  /** Campaign id → variation ids (`_vis_opt_exp_<N>_combi`); several for a multi-experience campaign. */
  campaigns: Record<Id, Id[]>;
  /** Seconds: start of the visitor's session (`_vwo_ds` + `_vwo_sn`). */
  sessionId?: number;
}

/** Absent where the visitor refused A/B tests in Kameleoon's consent (`no-consent`). */
export interface KameleoonVisitor {
  visitorCode: string;
  siteCode?: string;
  /** Experiment id → variation id; "0" is the original. Out of past visits where no experiment has an item of its own. */
  experiments: Record<Id, Id>;
}

export interface ConvertVisitor {
  /** `_conv_v` `vi`, or `_conv_s` `sh` where `vi` is 1. Absent where neither gives one: never "1". */
  visitorId?: string;
  accountId?: Id;
  projectId?: Id;
  /** Experience id → variation id; excluded experiences (`v.1`) never appear. */
  experiences: Record<Id, Id>;
  /** Experience id → ids of the goals already hit. */
  goals: Record<Id, Id[]>;
  segments: Id[];
}

/** What goes in may be less than what comes out: contexts kept as JSON by an older version stay usable. */
export type VisitorInput = {
  [K in keyof VisitorContext]?: VisitorContext[K] extends object | undefined
    ? Partial<NonNullable<VisitorContext[K]>>
    : VisitorContext[K];
};

/** One closed, documented table (docs/codes.md); it may grow. */
export type Code =
  | "no-page"
  | "wasm-blocked"
  | "no-consent"
  | "opted-out"
  | "malformed-cookie"
  | "truncated-cookie"
  | "personal-id"
  | "no-visitor-id"
  | "malformed-stash"
  | "truncated-stash"
  | "unknown-version"
  | "unknown-section"
  | "missing-part"
  | "mixed-parts"
  | "invalid-conversion"
  | "invalid-account"
  | "no-account"
  | "account-mismatch"
  | "wrong-identity"
  | "ambiguous-goal"
  | "already-counted"
  | "identity-unverified"
  | "looks-encoded"
  | "personal-data"
  | "counted-at-arrival"
  | "past-attribution-window"
  | "no-campaign"
  | "unsupported-option"
  | "duplicate-conversion"
  | "invalid-page"
  | "not-started"
  | "invalid-argument"
  | "unknown-setting"
  | "storage-blocked"
  | "internal"
  | (string & {});

export interface Problem {
  platform: Platform | "page";
  code: Code;
  /** One sentence a person can act on. Never holds a cookie's value. */
  message: string;
}

// ───────────────────────────── stash: the context as a short token ─────────────────────────────

/**
 * The context as one short token: `[A-Za-z0-9._~-]` only, a letter first. It is safe in a cookie, a URL, CSV and JSON, and
 * carries a version and a checksum. Everything travels but `problems`.
 *
 * `""` for a context without any platform, and where the engine may not run (`capture` says why). Never throws, but in
 * `aftercall/slim` before its start.
 *
 * ```js
 * import { capture, stash, unstash } from "aftercall";
 *
 * const token = stash(capture({ cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" }));
 * unstash(token).kameleoon.visitorCode; // → "l200u3djm8kovq4o"
 * stash({}); // → ""
 * ```
 */
export function stash(visitor: VisitorInput): string;

/**
 * The same token, cut to fit fields of `maxLength` characters. Parts may come back in any order. A `maxLength` below 40
 * counts as 40: there is no room for less. `[]` where `stash` gives `""`.
 *
 * ```js
 * import { capture, stashParts, unstash } from "aftercall";
 *
 * const parts = stashParts(capture({ cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" }), 40);
 * parts.every((part) => part.length <= 40); // → true
 * unstash(parts.reverse()).kameleoon.visitorCode; // → "l200u3djm8kovq4o"
 * ```
 */
export function stashParts(visitor: VisitorInput, maxLength: number): string[];

/**
 * Read a token, or its parts, back into a context.
 *
 * @throws AftercallError `malformed-stash` | `truncated-stash` | `unknown-version` | `missing-part` | `mixed-parts`.
 */
export function unstash(token: string | string[]): VisitorContext;

// ───────────────────────────── convert: the requests that tell every platform ─────────────────────────────

/**
 * Where conversions go. What is named here wins; a visitor that names another account is skipped, `account-mismatch`.
 * Accounts found in a page serve only for the context captured in that page: a token, which anyone can forge, never
 * chooses a destination.
 */
export interface Accounts {
  /**
   * `api` default: `classic` for Classic buckets without decisions, else `events`. `classic` needs the `projectId`, for it is
   * in the host; `events` does without. `region` (Event API): default `us`; Classic has one host, and warns
   * (`unsupported-option`) where `eu` is named.
   */
  optimizely?: { accountId?: IdLike; projectId?: IdLike; api?: "classic" | "events"; region?: "us" | "eu" };
  /**
   * `api` default, by identity. Where the conversion names a `userId`: `server-side` with an `sdkKey` (FullStack campaigns;
   * `u` is UUID v5 of account and `userId`), `track-goal` without (Mobile campaigns; `u` is md5 of the `userId`). Else
   * `events` where it names an `event` and no goal (event architecture), `web-goal` where it names a goal (web campaigns):
   * for both the visitor's web uuid is the identity. `sdkKey`: of FullStack's environment; `server-side` needs it.
   * `collectionPrefix`: the account's region on VWO's hosts, e.g. `eu01`.
   */
  vwo?: {
    accountId?: IdLike;
    api?: "track-goal" | "web-goal" | "server-side" | "events";
    collectionPrefix?: string;
    sdkKey?: string;
  };
  /**
   * `dataHost` has no default: a region is never guessed. `format` default: `json`, as Kameleoon documents it; `text` has a
   * line an event, as Kameleoon's own SDKs send it.
   */
  kameleoon?: {
    siteCode?: string;
    format?: "json" | "text";
    dataHost?:
      | "eu-data.kameleoon.io"
      | "na-data.kameleoon.io"
      | "eu-data.kameleoon.eu"
      | "na-data.kameleoon.eu"
      | (string & {});
  };
  /**
   * `api` default: `v1`, the POST that Convert's SDKs send today; `tracking-request` is the documented GET of before. The
   * rest belongs to `v1`.
   */
  convert?: {
    accountId?: IdLike;
    projectId?: IdLike;
    api?: "tracking-request" | "v1";
    /**
     * Default: `<accountId>/<projectId>`. A key with a secret wants a header that no request here carries, for secrets are
     * the sender's: send it with `{ ...request.headers, Authorization: "Bearer <secret>" }`, from a server only.
     */
    sdkKey?: string;
    /** A host of the site's own that passes tracking on to Convert. */
    domain?: string;
    /**
     * Default true, as in Convert's SDK without a store: Convert adds what it has stored of the visitor, and records unique
     * events only, so a goal that shall count again (`repeat`) wants false. With false a repeated request counts twice.
     */
    enrichData?: boolean;
  };
}

export interface Conversion {
  /** Your id of the call, order or lead. Requests built twice from the same id and `at` are identical: safe to repeat. */
  id: string;
  /**
   * When it happened: ISO 8601 with zone, ms since the epoch, or Date. Default: now.
   * Optimizely books the conversion at this time. VWO, Kameleoon and Convert have no such field: they count at arrival. (An
   * event of VWO's `events` carries it; whether VWO books by it is documented nowhere.)
   */
  at?: string | number | Date;
  /** Decimal amount in the account's currency, e.g. "49.90". Each platform gets it in its own unit. */
  revenue?: string | number;
  /** Products in the transaction (Convert). */
  quantity?: number;
  optimizely?: {
    event: string;
    /** The event's id in Optimizely: the Event API needs it. What follows, but for `anonymizeIp`, Classic has no place for. */
    eventId?: IdLike;
    /**
     * Told as they are. `revenue` (cents, cut off behind the point) and `value` (a number) are the event's own besides, as in
     * Optimizely's SDK; where the conversion names another `revenue`, it is refused.
     */
    tags?: Record<string, string | number | boolean>;
    /** Of the visitor: custom attributes by their ids; Optimizely's own (`$opt_…`) by their keys. */
    attributes?: { id: IdLike; key: string; value: string | number | boolean }[];
    /** Of the project, as its data file has it. */
    revision?: string;
    /** Default: Optimizely's, which is true for the Event API. */
    anonymizeIp?: boolean;
  };
  /**
   * VWO numbers the goals of web campaigns per campaign: `goals` maps campaign id → goal id.
   * `goalId` alone serves a visitor of exactly one campaign (or of those in `campaignIds`); else skipped, `ambiguous-goal`.
   * `event`, the event's name: for `events`, which needs no goal; goals that are named go along as its metrics, and revenue
   * as its property `revenue`.
   */
  vwo?: {
    goals?: Record<Id, IdLike>;
    goalId?: IdLike;
    campaignIds?: IdLike[];
    event?: string;
    userId?: IdLike;
    sendUserId?: boolean;
  };
  /**
   * `mappingValue`: your own key of the visitor, where the project maps visitors by one. It stands for the visitor code, so
   * it serves where there is none: without consent Kameleoon leaves none, and after a refusal `capture` reads none.
   */
  kameleoon?: { goalId: IdLike; negative?: boolean; metadata?: Record<number, string[]>; mappingValue?: string };
  /**
   * `goalIds`: hit now (may be empty: statistics or a transaction only). `pastGoalIds`: hit before; default: the visitor's.
   * `firstViewOf`: experiences to count as first seen now; default none.
   * A goal that the visitor hit before is sent as past, with `already-counted`, unless `repeat`. `v1` has no past: there it
   * is left out, and only its transaction is sent.
   * `transaction`: default {id: the conversion's id, goalIds}, present when `revenue` is; `parts` 3 leaves its id out.
   */
  convert?: {
    goalIds: IdLike[];
    pastGoalIds?: IdLike[];
    repeat?: boolean;
    firstViewOf?: IdLike[];
    transaction?: { id?: string; goalIds?: IdLike[]; parts?: 3 | 4 };
  };
}

export interface ConversionRequest {
  platform: Platform;
  method: "GET" | "POST";
  url: string;
  /** What the platform documents for this request (Content-Type). User-Agent and secrets are the sender's. */
  headers: Record<string, string>;
  body?: string;
  /** Of platform, account, campaign, goal and conversion id. Not of the visitor: a refreshed token is still the same call. */
  idempotencyKey: string;
  /** May it go out again where nobody knows whether it arrived? `safe`: the platform documents that it dedupes. */
  repeat: "safe" | "unproven" | "counts-twice";
}

export interface ConversionPlan {
  requests: ConversionRequest[];
  /** Platforms that cannot be told, and why: `invalid-conversion`, `ambiguous-goal`, `no-account`… The others are built. */
  skipped: Problem[];
  /** Built, but look at it: `identity-unverified`, `looks-encoded`, `personal-data`, `counted-at-arrival`… */
  warnings: Problem[];
}

/**
 * Build the requests for every platform that the conversion names and the visitor belongs to.
 * Pure: sends nothing, reads no clock but for a missing `at`.
 *
 * ```js
 * import { conversionRequests } from "aftercall";
 *
 * const visitor = { optimizely: { endUserId: "oeu1403497108674r0.68", experiments: { 2312010859: "2321470446" } } };
 * const conversion = { id: "order-1", at: "2026-11-20T09:30:00Z", revenue: "49.90", optimizely: { event: "phone_call" } };
 * const accounts = { optimizely: { accountId: "12001", projectId: "111001", api: "classic" } };
 * const { requests } = conversionRequests(visitor, conversion, accounts);
 * new URL(requests[0].url).searchParams.get("x2312010859"); // → "2321470446"
 * new URL(requests[0].url).searchParams.get("v"); // → "4990"
 * ```
 *
 * @throws AftercallError for what concerns all platforms: an unreadable token, `id` or `at`. Never from the script tag.
 */
export function conversionRequests(
  visitor: VisitorInput | string | string[],
  conversion: Conversion,
  accounts?: Accounts,
): ConversionPlan;

/** A conversion and whose it is. */
export interface Pair {
  visitor: VisitorInput | string | string[];
  conversion: Conversion;
}

/** A request that may carry several conversions. Its own `idempotencyKey` is made of theirs. */
export interface ConversionBatch extends ConversionRequest {
  /** The conversions that it carries, by their `id`, in the order of the body. */
  conversionIds: string[];
  /** The `idempotencyKey` that each of them would have in a request of its own. */
  idempotencyKeys: string[];
}

/** What is to be said of one pair of many. */
export interface PairProblem extends Problem {
  /** Which pair, counted from 0. */
  pair: number;
  /** The conversion's `id`; "" where it has no usable one. */
  conversionId: string;
}

export interface BatchPlan {
  requests: ConversionBatch[];
  /** What cannot be told, and why: pairs that cannot be read (platform `page`) among them. The others are built. */
  skipped: PairProblem[];
  warnings: PairProblem[];
}

/**
 * Build as few requests as the platforms' limits allow for many conversions of many visitors. Optimizely's Event API (3.5
 * MB a request), Kameleoon (3 MB) and Convert's `v1` (1 MB) take many at once; everything else has a request of its own.
 * A conversion that is in the list twice is told once (`duplicate-conversion`). Pure, like `conversionRequests`.
 *
 * @throws AftercallError `invalid-conversion` for an argument that cannot be read as a whole.
 */
export function conversionBatches(pairs: Pair[], accounts?: Accounts): BatchPlan;

/** For a settings window: what is wrong with these accounts and goals, entry by entry. Empty when all is well. */
export function checkSettings(accounts: Accounts, conversion?: Partial<Conversion>): Problem[];

/** Compare its `code`, not its class: each entry of the package has its own. */
export class AftercallError extends Error {
  readonly code: Code;
}
