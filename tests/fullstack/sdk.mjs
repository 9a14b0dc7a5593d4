// The vendor's own SDK, run to see what it decides and what it would send. Nothing leaves this process: its two ways
// out, `https.get` and `https.request`, are replaced before it is loaded.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const https = require("node:https");

let sent = [];

/** What was asked of the network, as text. */
function record(options) {
  const request = {
    method: options.method ?? "GET",
    host: options.hostname,
    path: options.path,
    headers: options.headers,
  };
  sent.push(request);
  const silent = {
    on: () => silent,
    end: () => silent,
    write(body) {
      request.body = body;
    },
  };
  return silent;
}
https.get = https.request = record;

const sdk = require("vwo-node-sdk");
const urlService = require("vwo-node-sdk/lib/services/UrlService");
export const { version } = require("vwo-node-sdk/package.json");

const silent = 99;
sdk.setLogLevel(silent);

/** Without what the SDK prints when it is launched. */
function quietly(work) {
  const { info, log, error } = console;
  console.info = console.log = console.error = () => {};
  try {
    return work();
  } finally {
    Object.assign(console, { info, log, error });
  }
}

/**
 * A client. It is launched anew for every call, since the flags and the path prefix of the last launch hold for the whole
 * process; its memory is the storage, which stays.
 */
export function client(settings, options) {
  return {
    track(...call) {
      sent = [];
      urlService.collectionPrefix = undefined;
      const result = quietly(() => {
        let instance;
        try {
          instance = sdk.launch({ settingsFile: structuredClone(settings), ...options });
        } catch {
          return null; // Of settings that it takes and then stumbles over there is no client.
        }
        sdk.setLogLevel(silent); // for the whole process, and launching sets another
        return instance.track(...call);
      });
      return { result, requests: sent };
    },
  };
}
