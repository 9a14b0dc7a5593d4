/**
 * VWO FullStack's `track`: decides in your own process which variation a user has, and tells VWO about the conversion.
 *
 * ```js
 * import { launch } from "aftercall/vwo-fullstack";
 *
 * const settingsFile = {
 *   version: 1,
 *   accountId: 88888888,
 *   sdkKey: "SDKKEY",
 *   campaigns: [
 *     {
 *       id: 230,
 *       key: "AB1",
 *       type: "VISUAL_AB",
 *       status: "RUNNING",
 *       percentTraffic: 100,
 *       segments: {},
 *       goals: [{ id: 203, identifier: "SIGNUP", type: "CUSTOM_GOAL" }],
 *       variations: [
 *         { id: 1, name: "Control", weight: 50 },
 *         { id: 2, name: "Variation-1", weight: 50 },
 *       ],
 *     },
 *   ],
 * };
 * const sent = [];
 * const client = launch({ settingsFile, dispatch: (request) => sent.push(request) });
 * client.track("AB1", "Ashley", "SIGNUP"); // → { AB1: true }
 * new URL(sent[0].url).searchParams.get("u"); // → "5FBBE143B5B0584297909594993D7902"
 * ```
 *
 * The decisions are those of `vwo-node-sdk`: docs/vwo-fullstack.md names the version, and where the requests differ.
 * There is nothing to await: importing has no side effect, and the module inside is compiled at the first `launch`.
 */
import type { Delivery } from "./deliver.js";
import type { ConversionRequest } from "./index.js";

export type { Delivery };

export const GoalTypeEnum: {
  readonly REVENUE: "REVENUE_TRACKING";
  readonly CUSTOM: "CUSTOM_GOAL";
  readonly ALL: "ALL";
};
export type GoalType = "REVENUE_TRACKING" | "CUSTOM_GOAL" | "ALL";

/** What a user storage keeps of a user in a campaign. */
export interface UserStorageData {
  userId: string;
  campaignKey: string;
  variationName: string;
  goalIdentifier?: string;
  metaData?: object;
}

/** With a storage, `track` counts only users that are stored already: those that were activated. */
export interface UserStorageService {
  get(userId: string, campaignKey: string): UserStorageData | null | undefined;
  set(data: UserStorageData): unknown;
}

export interface LaunchOptions {
  /** The settings file, as text or as the object that it parses to. It is copied, never changed. */
  settingsFile: string | object;
  sdkKey?: string;
  /** Default: `ALL`. */
  goalTypeToTrack?: GoalType;
  /** Count a user's goal as often as it is tracked. Default: false, which needs a storage to remember by. */
  shouldTrackReturningUser?: boolean;
  userStorageService?: UserStorageService;
  /** Decide, but build and send no request. Results say so: `isDevelopmentMode`. */
  isDevelopmentMode?: boolean;
  /** Called with each decision. */
  integrations?: { callback(decision: object): void };
  /** Takes each request instead of sending it. */
  dispatch?: (request: ConversionRequest) => void;
  /** Called with what went wrong, in words. Default: nothing is printed. */
  log?: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

export interface TrackOptions {
  /** What campaigns choose their users by. */
  customVariables?: object;
  /** What campaigns assign single users to a variation by. */
  variationTargetingVariables?: object;
  /** Needed by goals of type `REVENUE_TRACKING`. */
  revenueValue?: number | string;
  /** Overrides the launch option. */
  goalTypeToTrack?: GoalType;
  /** Overrides the launch option. */
  shouldTrackReturningUser?: boolean;
  /** Goes over what the storage has. Without a storage it is ignored. */
  userStorageData?: object;
  /** Handed to the storage. */
  metaData?: object;
  /** Event architecture: the event's properties. */
  eventProperties?: object;
  /** The visitor's browser. */
  userAgent?: string;
  /** The visitor's address. */
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
  /** A newer settings file (a campaign was paused, say); storage and options stay. An unusable one is not taken. */
  updateSettings(settingsFile: string | object): void;
  /**
   * Resolves when everything sent so far has been answered: what an edge worker awaits before it returns.
   * Its answer has what was sent since the last flush, at most the latest thousand.
   */
  flush(): Promise<Delivery[]>;
}

/**
 * Never throws: a client launched with unusable options or settings answers null to every track, and `log` says why.
 * Each client has memory of its own: launch one and keep it, rather than one for every request.
 */
export function launch(options: LaunchOptions): VwoClient;

/** VWO's settings file for an SDK key. Rejects where VWO does not answer with one. */
export function fetchSettings(accountId: string | number, sdkKey: string): Promise<object>;
