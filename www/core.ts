/**
 * The functions that every entry of the package exports, over whichever engine the entry starts.
 *
 * The engine is the Rust core. It takes JSON text and returns JSON text, so each call crosses the boundary once.
 * This file turns arguments into that text, and answers into objects and errors. It knows no platform.
 * Every visitor pays for its bytes.
 */
import { readPage } from "./page.js";
import type * as api from "./types/index.js";

/** Asks the WebAssembly module, or its twin in JavaScript, for one of those below. `maxLength` is for the parts of a token. */
export type Engine = (what: Ask, text: string, maxLength?: number) => string;

/** As src/bindings/lean.rs has them. */
export enum Ask {
  /** `{page?, globals?, url?, now, stash?}`: with `stash` the token follows, in a line of its own. */
  Capture,
  Stash,
  Unstash,
  ConversionRequests,
  /** Nobody's in the script tag's module, for the tag does not offer it. */
  ConversionBatches,
  CheckSettings,
}

export type Core = Pick<
  typeof api,
  "capture" | "stash" | "stashParts" | "unstash" | "conversionRequests" | "checkSettings"
>;

/** What those functions stand on, for more of them. */
export interface Inside {
  engine(): Engine;
  /** The value of an answer's text; throws the error that it names. */
  answer<Value>(text: string): Value;
  /** The contexts that were captured: only their accounts may choose a destination. */
  captured: WeakSet<object>;
  /** A visitor and what it did, as the engine takes them. */
  pair(visitor: unknown, conversion: unknown): object;
}

/** See the types: compare `code`, not the class. */
export class AftercallError extends Error {
  // Declared only: defined as a field it would bring a helper into every bundle.
  declare readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "AftercallError";
    this.code = code;
  }
}

/** An error as an entry of `problems`, for callers that must not throw. */
export const problemOf = (error: unknown): api.Problem => {
  const { code, message } = error as AftercallError;
  // An error without a code is none of ours: a trap of the engine, say.
  return { platform: "page", code: code || "internal", message };
};

/** JSON has no bigint, NaN or Infinity: the first travels as text, the others as what the core refuses wherever it stands. */
export const plain = (_key: string, value: unknown) =>
  typeof value === "bigint" ? String(value) : typeof value === "number" && !Number.isFinite(value) ? {} : value;

export const json = (value: unknown) => {
  try {
    return JSON.stringify(value, plain);
  } catch {
    throw new AftercallError("invalid-conversion", "An argument holds a cycle, or a getter that throws.");
  }
};

/** What JSON can hold of a value. A member that cannot be read costs itself alone, down to `depth`. */
const salvage = (read: () => unknown, depth: number, lose: () => void): unknown => {
  let value: unknown;
  const copy: Record<string, unknown> = {};
  try {
    value = read();
    const text = JSON.stringify(value, plain);
    return text && JSON.parse(text);
  } catch {
    lose();
  }
  if (depth) {
    try {
      for (const key of Object.keys(value as object))
        copy[key] = salvage(() => (value as typeof copy)[key], depth - 1, lose);
    } catch {
      // Not even its keys can be listed.
    }
  }
  return copy;
};

/** Ms since the epoch: what is given, if it is a time, else the clock. */
const time = (now: unknown) => {
  const ms = +new Date((now ?? "") as number);
  return Number.isNaN(ms) ? Date.now() : ms;
};

/**
 * The functions over an engine.
 *
 * `engine` starts it on first use, and may throw an AftercallError.
 * `around` is what the script tag knows of its page: accounts that the page itself does not tell, and the address to read
 * in place of today's; `more`, what it adds: no other bundle has to carry that.
 */
export function createCore<More = unknown>(
  engine: () => Engine,
  around: Pick<api.PageState, "globals" | "url"> = {},
  more?: (inside: Inside) => More,
): Core & More {
  const captured = new WeakSet<object>();

  const answer = (text: string) => {
    const value = JSON.parse(text);
    if (value.error) throw new AftercallError(value.error.code, value.error.message);
    return value;
  };

  let last: string | undefined;
  let lastToken: string;

  const token = (visitor: api.VisitorInput, maxLength: number) => {
    try {
      const text = json(visitor) || "null";
      // A page is looked at often, and mostly nothing but the time has changed, of which a token keeps the day.
      const asked = maxLength + text.replace(/"capturedAt":(\d+)/, (_, ms) => `${Math.floor(ms / 864e5)}`);
      if (asked !== last) {
        lastToken = engine()(Ask.Stash, text, maxLength);
        last = asked;
      }
      return lastToken;
    } catch (error) {
      if ((error as AftercallError).code === "not-started") throw error;
      return "";
    }
  };

  const pair = (visitor: unknown, conversion: unknown) => ({
    visitor,
    captured: captured.has(visitor as object),
    conversion,
  });

  const core: Core = {
    capture(page) {
      let context: api.VisitorContext;
      let lost = false;
      const ambient = page === undefined;
      let given = (
        ambient
          ? {}
          : salvage(
              () => page,
              3,
              () => (lost = true),
            )
      ) as api.PageState;
      if (!given || typeof given !== "object") {
        given = {};
        lost = true;
      }
      const now = time(given.now);
      try {
        context = answer(
          engine()(Ask.Capture, json(ambient ? { ...around, page: readPage(), now } : { page: given, now })),
        );
      } catch (error) {
        context = { capturedAt: now, problems: [problemOf(error)] };
      }
      if (lost)
        context.problems.push({
          platform: "page",
          code: "invalid-page",
          message: "A part of the page was left out. Pass plain values: { cookie, storage, url, globals }.",
        });
      captured.add(context);
      return context;
    },

    stash: (visitor) => token(visitor, 0),

    stashParts(visitor, maxLength) {
      // Not NaN, not 0, and not beyond 32 bits: the engine would take those for "no limit".
      const text = token(visitor, maxLength > 40 ? Math.min(maxLength, 1e9) : 40);
      return text ? text.split(" ") : [];
    },

    unstash: (tokens) =>
      answer(
        engine()(
          Ask.Unstash,
          [tokens]
            .flat()
            .filter((part) => typeof part === "string")
            .join(" "),
        ),
      ),

    conversionRequests: (visitor, conversion, accounts) =>
      answer(
        engine()(
          Ask.ConversionRequests,
          json({ ...pair(visitor, conversion), accounts: accounts ?? {}, now: Date.now() }),
        ),
      ),

    checkSettings: (accounts, conversion) => answer(engine()(Ask.CheckSettings, json({ accounts, conversion }))),
  };
  return { ...core, ...more?.({ engine, answer, captured, pair }) } as Core & More;
}
