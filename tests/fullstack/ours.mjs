// Our side of the comparison: the built entry, in Node.
import { launch } from "../../dist/vwo-fullstack.js";
import { ofUrl } from "./normal.mjs";

export { launch };

/** A client whose requests are collected. `logged` has what went wrong, in words. */
export function client(settingsFile, options, logged = []) {
  let requests = [];
  const client = launch({
    settingsFile,
    ...options,
    dispatch: (request) => requests.push(request),
    log: (level, message) => logged.push(`${level}: ${message}`),
  });
  return {
    ...client,
    track(...call) {
      requests = [];
      const result = client.track(...call);
      return { result, requests: requests.map(ofUrl) };
    },
  };
}
