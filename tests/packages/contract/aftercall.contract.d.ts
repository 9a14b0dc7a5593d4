/**
 * The public contract of the package: names and shapes that do not change. Additions are free.
 *
 * types.test.mjs checks that the types we ship are assignable to it, and that a changed type is not. What a later release
 * brings (sending; consent, outlets and self-diagnosis of the script tag) enters here with it.
 */
declare module "aftercall" {
  /** A platform's own id. Printed as the platform prints it; numbers are accepted wherever an id goes in. */
  export type Id = string;
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
    optimizely?: { accountId?: IdLike; projectId?: IdLike; visitorId?: string; campaignStates?: unknown };
    vwo?: { accountId?: IdLike };
    kameleoon?: { siteCode?: string };
    convert?: { accountId?: IdLike; projectId?: IdLike };
  }

  /**
   * Read every platform's cookies, storage and globals into one visitor context: of this page, or of the one given
   * (then nothing ambient is read). Neither a page nor an argument: an empty context with the problem `no-page`.
   * Never throws, whatever the page holds: what could not be used is named in `problems`; where a policy forbids
   * WebAssembly, that is `wasm-blocked` (use `aftercall/js`).
   */
  export function capture(page?: PageState): VisitorContext;

  export interface VisitorContext {
    /** Ms since the Unix epoch. A token keeps the UTC day; two contexts that differ in it alone are unchanged. */
    capturedAt: number;
    optimizely?: OptimizelyVisitor;
    vwo?: VwoVisitor;
    kameleoon?: KameleoonVisitor;
    convert?: ConvertVisitor;
    /** Visitor or session ids of call trackers found on the page, by tracker: the join key of last resort. */
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
    /** experiment id → variation id (`optimizelyBuckets`); "0" (ignored) never appears; MVT ids stay joined by `_`. */
    experiments: Record<Id, string>;
    /** segment id → value as stored (`optimizelySegments`): already percent-encoded by Optimizely. */
    segments: Record<Id, string>;
    /** Optimizely Web Experimentation only. */
    decisions?: { campaignId: Id; experimentId: Id | null; variationId: Id | null; isCampaignHoldback: boolean }[];
  }

  export interface VwoVisitor {
    /** `_vwo_uuid`, else the first half of `_vwo_uuid_v2`. Absent where neither is there or valid. */
    uuid?: string;
    accountId?: Id;
    /** campaign id → variation ids (`_vis_opt_exp_<N>_combi`); several for a multi-experience campaign. */
    campaigns: Record<Id, Id[]>;
    /** Seconds: start of the visitor's session (`_vwo_ds` + `_vwo_sn`). */
    sessionId?: number;
  }

  export interface KameleoonVisitor {
    visitorCode: string;
    siteCode?: string;
    /** experiment id → variation id; "0" is the original. */
    experiments: Record<Id, Id>;
  }

  export interface ConvertVisitor {
    /** `_conv_v` `vi`, or `_conv_s` `sh` where `vi` is 1. Absent where neither gives one: never "1". */
    visitorId?: string;
    accountId?: Id;
    projectId?: Id;
    /** experience id → variation id; excluded experiences (`v.1`) never appear. */
    experiences: Record<Id, Id>;
    /** experience id → ids of the goals already hit. */
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
    | (string & {});

  export interface Problem {
    platform: Platform | "page";
    code: Code;
    /** One sentence a person can act on. Never holds a cookie's value. */
    message: string;
  }

  // ───────────────────────────── stash: the context as a short token ─────────────────────────────

  /**
   * `[A-Za-z0-9._~-]` only, a letter first; safe in a cookie, a URL, CSV and JSON; carries a version and a checksum.
   * Everything travels but `problems`; `""` for a context without any platform.
   */
  export function stash(visitor: VisitorInput): string;
  /** The same token cut to fit fields of `maxLength` (at least 40) characters. Parts may come back in any order. */
  export function stashParts(visitor: VisitorInput, maxLength: number): string[];
  /** @throws AftercallError `malformed-stash` | `truncated-stash` | `unknown-version` | `missing-part` | `mixed-parts`. */
  export function unstash(token: string | string[]): VisitorContext;

  // ───────────────────────────── convert: the requests that tell every platform ─────────────────────────────

  /**
   * Where conversions go. What is named here wins; a visitor that names another account is skipped, `account-mismatch`.
   * Accounts found in a page serve only for the context captured in that page: a token, which anyone can forge,
   * never chooses a destination.
   */
  export interface Accounts {
    /** `api` default: `classic` for Classic buckets without decisions, else `events`. `region` (Event API): default `us`. */
    optimizely?: { accountId?: IdLike; projectId?: IdLike; api?: "classic" | "events"; region?: "us" | "eu" };
    /**
     * `api` default, by identity: `track-goal` (Mobile campaigns; `u` is md5 of the conversion's `userId`), `web-goal`
     * (web campaigns; `u` is the visitor's web uuid), `server-side` (FullStack; UUID v5 of account and `userId`; needs `sdkKey`),
     * `events` (event architecture). `collectionPrefix`: the account's region on VWO's hosts, e.g. `eu01`.
     */
    vwo?: {
      accountId?: IdLike;
      api?: "track-goal" | "web-goal" | "server-side" | "events";
      collectionPrefix?: string;
      sdkKey?: string;
    };
    /** `dataHost` has no default: a region is never guessed. */
    kameleoon?: {
      siteCode?: string;
      dataHost?:
        | "eu-data.kameleoon.io"
        | "na-data.kameleoon.io"
        | "eu-data.kameleoon.eu"
        | "na-data.kameleoon.eu"
        | (string & {});
    };
    /** `api` default: `v1`. */
    convert?: {
      accountId?: IdLike;
      projectId?: IdLike;
      api?: "tracking-request" | "v1";
      sdkKey?: string;
      domain?: string;
    };
  }

  export interface Conversion {
    /** Your id of the call, order or lead. Requests built twice from the same id and `at` are identical: safe to repeat. */
    id: string;
    /**
     * When it happened: ISO 8601 with zone, ms since the epoch, or Date. Default: now.
     * Optimizely books the conversion at this time. VWO, Kameleoon and Convert have no such field: they count at arrival.
     */
    at?: string | number | Date;
    /** Decimal amount in the account's currency, e.g. "49.90". Each platform gets it in its own unit. */
    revenue?: string | number;
    /** Products in the transaction (Convert). */
    quantity?: number;
    optimizely?: {
      event: string;
      eventId?: IdLike;
      tags?: Record<string, string | number | boolean>;
      attributes?: { id: IdLike; key: string; value: string | number | boolean }[];
      revision?: string;
      anonymizeIp?: boolean;
    };
    /**
     * VWO numbers the goals of web campaigns per campaign: `goals` maps campaign id → goal id.
     * `goalId` alone serves a visitor of exactly one campaign (or of those in `campaignIds`); else skipped, `ambiguous-goal`.
     */
    vwo?: {
      goals?: Record<Id, IdLike>;
      goalId?: IdLike;
      campaignIds?: IdLike[];
      event?: string;
      userId?: IdLike;
      sendUserId?: boolean;
    };
    kameleoon?: { goalId: IdLike; negative?: boolean; metadata?: Record<number, string[]>; mappingValue?: string };
    /**
     * `goalIds`: hit now (may be empty: statistics or a transaction only). `pastGoalIds`: hit before; default: the visitor's.
     * `firstViewOf`: experiences to count as first seen now; default none.
     * A goal that the visitor hit before is sent as past, with `already-counted`, unless `repeat`.
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
    /** Platforms that cannot be told, and why: `invalid-conversion`, `ambiguous-goal`, `no-account`… The others are built all the same. */
    skipped: Problem[];
    /** Built, but look at it: `identity-unverified`, `looks-encoded`, `personal-data`, `counted-at-arrival`… */
    warnings: Problem[];
  }

  /**
   * Build the requests for every platform that the conversion names and the visitor belongs to.
   * Pure: sends nothing, reads no clock but for a missing `at`.
   * @throws AftercallError for what concerns all platforms: an unreadable token, `id` or `at`. Never from the script tag.
   */
  export function conversionRequests(
    visitor: VisitorInput | string | string[],
    conversion: Conversion,
    accounts?: Accounts,
  ): ConversionPlan;

  /** For a settings window: what is wrong with these accounts and goals, entry by entry. Empty when all is well. */
  export function checkSettings(accounts: Accounts, conversion?: Partial<Conversion>): Problem[];

  export class AftercallError extends Error {
    readonly code: Code;
  }
}

declare module "aftercall/js" {
  export * from "aftercall";
}

declare module "aftercall/slim" {
  export * from "aftercall";
  /** Load and start the module. Idempotent: later calls return the first promise. */
  export function init(
    source: RequestInfo | URL | Response | Promise<Response> | BufferSource | WebAssembly.Module,
  ): Promise<void>;
  /** The same, at once, from bytes or a compiled module. */
  export function initSync(source: BufferSource | WebAssembly.Module): void;
}

declare module "aftercall/deliver" {
  import type { ConversionRequest, IdLike } from "aftercall";

  export interface SendOptions {
    /**
     * Attempts a request, first included. Default 3; waits grow exponentially, with jitter; `Retry-After` is obeyed.
     * After a time-out or a reset only a request whose `repeat` is `safe` goes out again.
     */
    attempts?: number;
    /** Ms for one attempt. Default 10 000. */
    timeout?: number;
    /** Let requests outlive the page (`fetch` keepalive). Default true in a page. */
    keepalive?: boolean;
    /** Outside pages. Default: a product name and version; platforms drop what looks like a bot. */
    userAgent?: string;
    /** For tests and demos: send to this loopback address instead; the real URL travels in a header. */
    via?: string;
    signal?: AbortSignal;
  }
  export interface Delivery {
    request: ConversionRequest;
    /** `sent`: it left, and the platform's answer may not be read (a page's cross-origin GET). */
    outcome: "accepted" | "sent" | "rejected" | "unreachable" | "unknown" | "aborted";
    status?: number;
    attempts: number;
    message?: string;
  }
  /** Never rejects for what a platform answers: every request comes back with its outcome. */
  export function send(requests: ConversionRequest[], options?: SendOptions): Promise<Delivery[]>;

  export interface KameleoonQuery {
    siteCode: string;
    dataHost: string;
    visitorCode?: string;
    mappingValue?: string;
    goalId: IdLike;
    revenue?: string | number;
    /** Only conversions at or after this time count as ours. */
    since?: string | number | Date;
    /** Feature Experimentation only. Default false. */
    currentVisit?: boolean;
    /** 1 to 25. Default 5. */
    maxNumberPreviousVisits?: number;
  }
  /**
   * GET /visit/visitor: has Kameleoon recorded the conversion?
   * `not-yet`: without Feature Experimentation a visit appears about 30 minutes after its last activity.
   */
  export function verifyKameleoon(
    query: KameleoonQuery,
    options?: SendOptions,
  ): Promise<{ state: "recorded" | "not-yet" | "absent" | "unreachable"; message: string; visits: KameleoonVisit[] }>;
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
}

declare module "aftercall/vwo-fullstack" {
  import type { ConversionRequest } from "aftercall";
  import type { Delivery } from "aftercall/deliver";

  export const GoalTypeEnum: {
    readonly REVENUE: "REVENUE_TRACKING";
    readonly CUSTOM: "CUSTOM_GOAL";
    readonly ALL: "ALL";
  };
  export type GoalType = "REVENUE_TRACKING" | "CUSTOM_GOAL" | "ALL";
  export interface UserStorageData {
    userId: string;
    campaignKey: string;
    variationName: string;
    goalIdentifier?: string;
    metaData?: object;
  }
  export interface UserStorageService {
    get(userId: string, campaignKey: string): UserStorageData | null | undefined;
    set(data: UserStorageData): unknown;
  }
  export interface LaunchOptions {
    /** The settings file, as text or as the object that it parses to. */
    settingsFile: string | object;
    sdkKey?: string;
    goalTypeToTrack?: GoalType;
    shouldTrackReturningUser?: boolean;
    userStorageService?: UserStorageService;
    isDevelopmentMode?: boolean;
    integrations?: { callback(decision: object): void };
    /** Takes each request instead of sending it. */
    dispatch?: (request: ConversionRequest) => void;
    /** Called with what went wrong, in words. Default: nothing is printed. */
    log?: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  }
  export interface TrackOptions {
    customVariables?: object;
    variationTargetingVariables?: object;
    revenueValue?: number | string;
    goalTypeToTrack?: GoalType;
    shouldTrackReturningUser?: boolean;
    userStorageData?: object;
    metaData?: object;
    eventProperties?: object;
    userAgent?: string;
    userIpAddress?: string;
  }
  export interface VwoClient {
    /**
     * Track a goal for one campaign, several, or (null) every campaign that has it.
     * null for invalid parameters; otherwise campaign key → whether an impression was made.
     */
    track(
      campaignKey: string | string[] | null | undefined,
      userId: string,
      goalIdentifier: string,
      options?: TrackOptions,
    ): Record<string, boolean> | null;
    /** The same decision, nothing sent or stored, with a reason code for each campaign. */
    explain(
      campaignKey: string | string[] | null | undefined,
      userId: string,
      goalIdentifier: string,
      options?: TrackOptions,
    ): { campaignKey: string; tracked: boolean; variation?: string; reason: string }[];
    /** A newer settings file (a campaign was paused, say); storage and options stay. */
    updateSettings(settingsFile: string | object): void;
    /** Resolves when everything sent so far has been answered: what an edge worker awaits before it returns. */
    flush(): Promise<Delivery[]>;
  }
  /** Never throws: a client launched with unusable options or settings answers null to every track, and `log` says why. */
  export function launch(options: LaunchOptions): VwoClient;
  /** VWO's settings file for an SDK key. */
  export function fetchSettings(accountId: string | number, sdkKey: string): Promise<object>;
}

/**
 * The script tag. Before `aftercall.js` runs, `window.aftercall` is a plain array to push callbacks to;
 * then it is this object, and callbacks run at once. Settings are `data-*` attributes of the tag, or, where the tag
 * cannot be found (module loaders, some tag managers), `window.aftercallConfig` with the same names in camelCase.
 *
 *   data-optimizely-account, data-optimizely-project, data-vwo-account, data-kameleoon-site,
 *   data-convert-account, data-convert-project    accounts, where the page does not tell
 *   data-consent     none | tcf | google | onetrust | cookiebot | wp | custom. No default: without it nothing is
 *                    written or handed on, and diagnose() says so
 *   data-outlets     names, separated by spaces; `auto`: those that are detected
 *   data-cookie      name of our cookie, default aftercall_ctx
 * An unknown attribute or value is a problem with a suggestion.
 */
declare namespace AftercallTag {
  type Core = typeof import("aftercall");
  interface Tag
    extends Pick<Core, "capture" | "stash" | "stashParts" | "unstash" | "conversionRequests" | "checkSettings"> {
    readonly version: string;
    /** As last captured; before consent an empty context with the problem `no-consent`. */
    readonly visitor: import("aftercall").VisitorContext;
    /** "" while there is nothing to stash. */
    readonly token: string;
    readonly ready: Promise<Tag>;
    push(...callbacks: ((tag: Tag) => void)[]): void;
    /** Called at once, then whenever the token changes. Returns the way to stop. */
    watch(callback: (tag: Tag) => void): () => void;
    /** data-consent="custom": what the site's own consent says now. */
    consent(granted: boolean): void;
    diagnose(): { ok: boolean; checks: { name: string; ok: boolean; message: string }[] };
  }
}
interface Window {
  aftercall?: AftercallTag.Tag | ((tag: AftercallTag.Tag) => void)[];
  aftercallConfig?: Record<string, string>;
}
interface DocumentEventMap {
  "aftercall:ready": CustomEvent<AftercallTag.Tag>;
  "aftercall:change": CustomEvent<AftercallTag.Tag>;
}
