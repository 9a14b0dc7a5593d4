/**
 * `aftercall/vwo-fullstack`, over whichever module its entry starts.
 *
 * The module decides and builds the requests; one call is one crossing. This file hands it texts, lends it the caller's
 * storage and callbacks, sends what it built, and sees to it that nothing ever throws: not for what is passed in, not for
 * what the caller's functions do, and not where the module itself fails.
 */
import { send, timeout } from "./send.js";
import type { ConversionRequest } from "./types/index.js";
import type * as api from "./types/vwo-fullstack.js";

type Level = "debug" | "info" | "warn" | "error";
type Line = [level: Level, message: string];
type Options = Record<string, unknown>;

/** What a client can be asked for. */
enum Ask {
  Track,
  TrackAndTell,
  Explain,
  UpdateSettings,
  LaunchLog,
}

/** The caller's storage, as the module sees it. Neither throws. */
export interface Storage {
  /** The stored record as JSON; undefined where the storage threw. */
  get(userId: string, campaignKey: string): string | undefined;
  /** Whether it was kept. */
  set(record: string): boolean;
}

/** The functions of an instance of the module, which holds one client. */
export interface Engine {
  /** Called once. */
  launch(settings: string, options: string): void;
  /**
   * `Track` or, where somebody listens, `TrackAndTell`; `Explain`: lines. The first is the result, of one campaign 1 or 0, or
   * the verdicts; the second `[decisions, log]`, or nothing; then come, where there is a request, its URL, its headers or
   * nothing, its body or nothing, its key, its `repeat`. Or all of it is `=`, a key and a URL: one campaign, tracked by one
   * GET that counts twice if repeated. `kind` is 0 for one campaign, 1 for a list, 2 for all.
   * `UpdateSettings`, in place of campaigns; `LaunchLog`: `Line[]`.
   */
  ask(
    what: number,
    kind: number,
    campaigns: string,
    userId: string,
    goal: string,
    options: string,
    now: number,
    random: number,
  ): string;
}

/** Settled deliveries that wait for a flush: who never flushes must not run out of memory. */
const mostSettled = 1000;

/** Ms after which an attempt has an answer, or never will: a worker that ends early takes its requests along. */
const longest = timeout + 1000;

const { toString: tagOf, propertyIsEnumerable: isListed } = Object.prototype;

const isObject = (value: unknown): value is Options => tagOf.call(value) === "[object Object]";

/** JSON text for the module; "" for what has none. */
const json = (value: unknown): string => JSON.stringify(value) ?? "";

/** Has it no text in JSON, though it is there? */
const isMute = (value: unknown) => typeof value === "function" || typeof value === "symbol";

/** What has no text in JSON becomes what is of no type the module asks for. It must not pass for absent. */
const typed = (value: unknown) => (isMute(value) ? [] : value);

/** A service of the caller's may hold anything: the module only needs to know whether it is an object. */
const service = (value: unknown) => (isObject(value) ? {} : value === undefined || value === null ? value : []);

/** Variables as JSON holds them. What it does not know, or has no text for, stands as a list of its text: to a segment that is the same. */
const plain = (variables: unknown) => {
  if (!isObject(variables)) return variables === undefined ? undefined : "";
  const copy: [name: string, value: unknown][] = [];
  for (const name of Object.keys(variables)) {
    const value = variables[name];
    const known = value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    copy.push([name, known ? value : spoken(value)]);
  }
  return Object.fromEntries(copy); // `__proto__` is a name like any other to it
};

/** Custom variables. The SDK calls their own `hasOwnProperty`: what has no prototype meets no condition, as if it hid that. */
const asked = (variables: unknown) => {
  const copy = plain(variables);
  if (isObject(copy) && !(variables as object).hasOwnProperty) Object.assign(copy, { hasOwnProperty: "" });
  return copy;
};

/** A value's text. What has none makes the conditions false that ask for it, as this object does. */
const spoken = (value: unknown) => {
  try {
    return [value === undefined ? "" : String(value)];
  } catch {
    return { toString: 0 };
  }
};

/** An amount that JSON knows: it has no infinities, which it would take for null, no bigints and no functions. */
const amount = (value: unknown) =>
  typeof value === "bigint" || typeof value === "function" || value === Infinity || value === -Infinity
    ? (value && String(value)) || 0
    : value;

/** Of a stored record what the module asks for; the rest may be anything. What is undefined lies over what is below it. */
const remembered = (record: unknown) => {
  const told: Options = {};
  for (const name of ["campaignKey", "variationName", "goalIdentifier"]) {
    if (!isListed.call(record ?? {}, name)) continue;
    const value = (record as Options)[name];
    told[name] = typeof value === "string" ? value : value ? true : null;
  }
  return told;
};

/** Event properties as the SDK copies them, and the names of those that JSON leaves out. */
const propertiesOf = (given: unknown): [properties: unknown, unset?: string[]] => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return [typed(given)];
  const copy: Options = {};
  const unset: string[] = [];
  for (const name in given) {
    const value = (given as Options)[name];
    if (value === undefined || isMute(value)) unset.push(name);
    else copy[name] = value;
  }
  return [copy, unset[0] === undefined ? undefined : unset];
};

/** The value, or something instead of what JSON refuses. */
const written = (value: unknown, instead: () => unknown) => {
  try {
    json(value);
    return value;
  } catch {
    return instead();
  }
};

/** The options of a call, as far as the module needs them: what it only hands on does not travel. */
const optionsText = (options: api.TrackOptions | undefined) => {
  if (options === undefined) return "";
  if (!isObject(options)) return "0";
  const { userStorageData, userAgent, userIpAddress } = options;
  const [eventProperties, unset] = propertiesOf(options.eventProperties);
  const told = {
    customVariables: asked(options.customVariables),
    variationTargetingVariables: plain(options.variationTargetingVariables),
    revenueValue: amount(options.revenueValue),
    goalTypeToTrack: typed(options.goalTypeToTrack),
    shouldTrackReturningUser: typed(options.shouldTrackReturningUser),
    userStorageData: isObject(userStorageData) ? remembered(userStorageData) : service(userStorageData),
    metaData: service(options.metaData),
    eventProperties,
    unset,
    userAgent: userAgent && String(userAgent),
    userIpAddress: userIpAddress && String(userIpAddress),
  };
  try {
    return json(told);
  } catch {
    // A circle, or a bigint in an object. Who has no event architecture needs no event properties.
    const revenueValue = written(told.revenueValue, () => String(told.revenueValue));
    return json({ ...told, revenueValue, eventProperties: written(eventProperties, () => null) });
  }
};

/** Launch options by what is told of them: their value, or what they are. */
const values = [
  "goalTypeToTrack",
  "shouldTrackReturningUser",
  "isDevelopmentMode",
  "pollingInterval",
  "batchEvents",
] as const;
const services = ["returnPromiseFor", "asyncStorageConfig", "integrations", "userStorageService"] as const;

/** Launch options for the module. */
const launchText = (options: Options) => {
  const { sdkKey, logging } = options;
  const told: Options = { sdkKey, logging: isObject(logging) ? { level: typed(logging.level) } : undefined };
  for (const name of values) told[name] = typed(options[name]);
  for (const name of services) told[name] = service(options[name]);
  return json(told);
};

/** A list of keys: what is no text in it is no campaign's key, and stands in a list of its own as what JavaScript makes of it. */
const keysText = (keys: unknown[]) =>
  json(keys.filter(() => true).map((key) => (typeof key === "string" ? key : [String(key)])));

/** What was thrown may be anything, and asking it for its message may throw as well. */
const messageOf = (thrown: unknown) => {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "something that has no text";
  }
};

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === "function";

/** What is no text is "", which the module refuses. */
const textOf = (value: unknown) => (typeof value === "string" ? value : "");

const isWellFormed = (text: string & { isWellFormed?(): boolean }) =>
  text.isWellFormed?.() ?? !/[\ud800-\udfff]/u.test(text); // Node 20 and browsers since 2023 have it

/** A request. Made member by member: this runs for every call. */
const request = (url: string, idempotencyKey: string, repeat: string, headers?: string, body?: string) => {
  const request: ConversionRequest = {
    platform: "vwo",
    method: body ? "POST" : "GET",
    url,
    headers: headers ? JSON.parse(headers) : {},
    idempotencyKey,
    repeat: repeat as ConversionRequest["repeat"],
  };
  if (body) request.body = body;
  return request;
};

/** VWO's settings file. */
export async function fetchSettings(accountId: string | number, sdkKey: string): Promise<object> {
  const query = new URLSearchParams({
    a: `${accountId}`,
    i: sdkKey,
    r: `${Math.random()}`,
    platform: "server",
    sdk: "aftercall",
    "sdk-v": __VERSION__,
  });
  const response = await fetch(`https://dev.visualwebsiteoptimizer.com/server-side/settings?${query}`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`VWO answered ${response.status} to the request for the settings file.`);
  const settings = await response.json();
  if (!isObject(settings)) throw new Error("VWO answered with something that is no settings file.");
  return settings;
}

export const GoalTypeEnum = { REVENUE: "REVENUE_TRACKING", CUSTOM: "CUSTOM_GOAL", ALL: "ALL" } as const;

/** The functions over engines. `start` runs for each client, and throws where a policy forbids WebAssembly. */
export function createFullstack(start: (storage: Storage | undefined) => Engine): { launch: typeof api.launch } {
  function launch(given: api.LaunchOptions): api.VwoClient {
    const options: Options & Partial<api.LaunchOptions> = {};
    let settings = "";
    /** "" where they could not be read: the module refuses that. */
    let launchOptions = "";
    let engine: Engine | undefined;
    let launched = false;
    /** Calls within calls: a storage may ask its own client something. */
    let depth = 0;
    let failed = false;
    /** The options of the call underway: the storage gets what the caller passed, not a copy. */
    let current: api.TrackOptions | undefined;
    /** What is sent and not answered yet, in order, and when it was sent. */
    const underway = new Map<Promise<void>, [request: ConversionRequest, began: number]>();
    let settled: api.Delivery[] = [];

    const log = (level: Level, message: string) => {
      try {
        const logging: unknown = options.log?.(level, message);
        if (isPromise(logging)) Promise.resolve(logging).catch(() => {});
      } catch {
        // Whoever logs has troubles of their own.
      }
    };
    const logAll = (lines: Line[] = []) => {
      for (const line of lines) log(...line);
    };

    const blame = (what: string, thrown: unknown) => log("error", `${what} threw: ${messageOf(thrown)}`);

    /** What an asynchronous function of the caller's answers: nobody else listens where it fails, which would end Node. */
    const follow = <Answer>(what: string, answer: Answer) => {
      if (isPromise(answer)) Promise.resolve(answer).catch((error) => blame(what, error));
      return answer;
    };

    /** Runs a function of the caller's. */
    const guarded = <Value, Argument>(
      what: string,
      work: (argument: Argument) => Value,
      argument?: Argument,
    ): Value | undefined => {
      try {
        return follow(what, work(argument as Argument));
      } catch (error) {
        blame(what, error);
        return undefined;
      }
    };

    guarded("A launch option", () => {
      // What is read once is not read again: it might have changed, or throw.
      if (isObject(given))
        for (const name of ["log", "settingsFile", "dispatch", "sdkKey", "logging", ...values, ...services])
          (options as Options)[name] = given[name];
      launchOptions = launchText(options);
    });
    const { userStorageService: storage, integrations, dispatch } = options;

    const lent: Storage | undefined = storage && {
      get: (userId, key) =>
        guarded("userStorageService.get", () => {
          const record = follow("userStorageService.get", storage.get(userId, key));
          if (isPromise(record)) log("error", "userStorageService.get gave a promise: there is no waiting for it.");
          return json(remembered(record));
        }),
      set: (record) =>
        guarded("userStorageService.set", () => {
          const data = JSON.parse(record);
          if ("metaData" in data) data.metaData = current?.metaData;
          follow("userStorageService.set", storage.set(data));
          return true;
        }) ?? false,
    };

    /** Asks the module. Where it fails, that is logged, and the next call finds a new instance. */
    const ask = (what: number, campaigns = "", kind = 0, userId = "", goal = "", options = ""): string | undefined => {
      try {
        engine ??= start(lent);
      } catch {
        log("error", "A policy forbids WebAssembly here, or there is no memory for it: nothing can be decided.");
        return undefined;
      }
      depth += 1;
      try {
        if (failed) throw new Error("it failed within this call");
        if (!launched) engine.launch(settings, launchOptions);
        launched = true;
        return engine.ask(what, kind, campaigns, userId, goal, options, Date.now(), Math.random());
      } catch (error) {
        failed = true;
        log("error", `A fault of aftercall's, please report it: ${(error as Error).message}`);
        return undefined;
      } finally {
        depth -= 1;
        // Not while calls around this one are still in the instance. Newer settings get one of their own: of what an instance
        // keeps nothing is ever freed, and it keeps nothing of a call, these settings included.
        if ((failed || what === Ask.UpdateSettings) && depth === 0) {
          failed = launched = false;
          engine = undefined;
        }
      }
    };

    const settingsText = (file: unknown) =>
      guarded("The settings file", () => JSON.stringify(typeof file === "string" ? JSON.parse(file) : file)) ?? "";

    const deliver = (request: ConversionRequest) => {
      if (dispatch) {
        guarded("dispatch", dispatch, request);
        return;
      }
      const sending: Promise<void> = send(request).then((delivery) => settle(sending, delivery));
      underway.set(sending, [request, Date.now()]);
    };
    const settle = (sending: Promise<void>, delivery: api.Delivery) => {
      if (!underway.delete(sending)) return;
      settled.push(delivery);
      if (settled.length > mostSettled) settled.shift();
    };

    /** Decisions to the integrations, the rest to the log. */
    const tell = (text: string, options: api.TrackOptions | undefined) => {
      const [decisions, lines]: [object[], Line[]] = JSON.parse(text);
      logAll(lines);
      for (const decision of decisions) {
        guarded("integrations.callback", () => {
          const { customVariables, variationTargetingVariables = {} } = options ?? {};
          return integrations?.callback({ ...decision, customVariables, variationTargetingVariables });
        });
      }
    };

    /** Asks about a call. */
    const call = (
      what: number,
      keys: unknown,
      userId: unknown,
      goalIdentifier: unknown,
      options: api.TrackOptions | undefined,
    ): string | undefined => {
      const outer = current;
      current = options;
      try {
        const kind = keys === undefined || keys === null ? 2 : Array.isArray(keys) ? 1 : 0;
        const campaigns = kind === 1 ? keysText(keys as unknown[]) : textOf(keys);
        // A user's id is hashed: a lone surrogate would change on its way. In a name it is only not found.
        const user = isWellFormed(textOf(userId)) ? textOf(userId) : "";
        return ask(what, campaigns, kind, user, textOf(goalIdentifier), optionsText(options));
      } catch (error) {
        blame("A parameter", error);
        return undefined;
      } finally {
        current = outer;
      }
    };

    settings = settingsText(options.settingsFile);
    const face: api.VwoClient = {
      track(keys, userId, goalIdentifier, trackOptions) {
        const text = call(options.log ? Ask.TrackAndTell : Ask.Track, keys, userId, goalIdentifier, trackOptions);
        if (!text) return null;
        if (text[0] === "=") {
          deliver(request(text.slice(33), text.slice(1, 33), "counts-twice"));
          return { [keys as string]: true };
        }
        const lines = text.split("\n");
        if (lines[1]) tell(lines[1], trackOptions);
        for (let line = 2; line < lines.length; line += 5)
          deliver(request(lines[line], lines[line + 3], lines[line + 4], lines[line + 1], lines[line + 2]));
        const [result] = lines;
        return result === "1" || result === "0" ? { [keys as string]: result === "1" } : JSON.parse(result);
      },

      explain(keys, userId, goalIdentifier, trackOptions) {
        const text = call(Ask.Explain, keys, userId, goalIdentifier, trackOptions);
        if (!text) return [];
        const [verdicts, told] = text.split("\n").map((line) => JSON.parse(line));
        logAll(told[1]);
        return verdicts;
      },

      updateSettings(settingsFile) {
        const newer = settingsText(settingsFile);
        if (depth > 0) {
          log("error", "updateSettings does nothing within a call: not from a user storage.");
          return;
        }
        const text = ask(Ask.UpdateSettings, newer);
        if (!text) return;
        const lines: Line[] = JSON.parse(text);
        logAll(lines);
        if (lines.every(([level]) => level !== "error")) settings = newer;
      },

      async flush() {
        const sent = [...underway];
        const [, [, latest]] = sent.at(-1) ?? [0, [0, 0]];
        let timer: ReturnType<typeof setTimeout> | undefined;
        const lost = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, latest + longest - Date.now());
        });
        await Promise.race([Promise.all(underway.keys()), lost]);
        clearTimeout(timer);
        for (const [sending, [request]] of sent)
          settle(sending, { request, outcome: "unknown", attempts: 1, message: "No answer came back." });
        const deliveries = settled;
        settled = [];
        return deliveries;
      },
    };
    logAll(JSON.parse(ask(Ask.LaunchLog) ?? "[]"));
    return face;
  }

  return { launch };
}
