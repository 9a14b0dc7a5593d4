/**
 * `aftercall/deliver`, over whichever module its entry starts.
 *
 * The module does the work. This file calls the getters of what is passed in, so that none of them can throw over there, and
 * gives every answer the request that it belongs to.
 */
import { AftercallError, plain } from "./core.js";
import type * as api from "./types/deliver.js";

type Verification = Awaited<ReturnType<typeof api.verifyKameleoon>>;

/** What the module exports. It throws the name of an argument that is wrong, as text, and nothing else. */
export interface Engine {
  send(requests: unknown[], options: object, signal: AbortSignal | undefined): Promise<Omit<api.Delivery, "request">[]>;
  verifyKameleoon(query: string, options: object, signal: AbortSignal | undefined): Promise<Verification>;
}

/** A request's members; of what is none, nothing. */
const copyOf = (request: api.Delivery["request"]) => {
  try {
    const { platform, method, url, headers, body, idempotencyKey, repeat } = request;
    return { platform, method, url, headers: Object.entries(headers), body, idempotencyKey, repeat };
  } catch {
    return null;
  }
};

/** Options without layers, and the signal. */
const split = (options: api.SendOptions | undefined): [options: object, signal: AbortSignal | undefined] => {
  const { attempts, timeout, keepalive, userAgent, via, secrets, signal } = options ?? {};
  if (signal && typeof signal.addEventListener !== "function") throw "signal";
  return [{ attempts, timeout, keepalive, userAgent, via, convertSecret: secrets?.convert }, signal ?? undefined];
};

/** A query as text; of what is none, nothing. */
const textOf = (query: api.KameleoonQuery) => {
  try {
    return JSON.stringify(query, plain) ?? "";
  } catch {
    return "";
  }
};

/** The functions over an engine. `start` runs at the first call, and throws where a policy forbids WebAssembly. */
export function createDeliver(start: () => Engine): Pick<typeof api, "send" | "verifyKameleoon"> {
  let engine: Engine | undefined;

  const ask = <Answer>(work: (engine: Engine) => Promise<Answer>): Promise<Answer> => {
    try {
      engine ??= start();
    } catch {
      throw new AftercallError("wasm-blocked", "A policy forbids WebAssembly here: send the requests with fetch.");
    }
    try {
      return work(engine);
    } catch (error) {
      if (typeof error === "string")
        throw new AftercallError("invalid-argument", `${error} is missing or is not what this call takes.`);
      throw error;
    }
  };

  return {
    async send(requests, options) {
      const list = Array.isArray(requests) ? [...requests] : undefined;
      const deliveries = await ask((engine) => {
        if (!list) throw "requests";
        return engine.send(list.map(copyOf), ...split(options));
      });
      return deliveries.map((delivery, index) => ({ request: (list as typeof requests)[index], ...delivery }));
    },

    verifyKameleoon: async (query, options) =>
      ask((engine) => engine.verifyKameleoon(textOf(query), ...split(options))),
  };
}
