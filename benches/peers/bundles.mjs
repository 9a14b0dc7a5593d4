// What a page would load instead: each vendor's SDK, bundled as our own files are, and a snippet written by hand.
import { build } from "esbuild";

/** The class or function that a site needs of each SDK; what a bundler can leave out is left out. */
const SDKS = {
  "@optimizely/optimizely-sdk": 'export { createInstance } from "@optimizely/optimizely-sdk";',
  "vwo-node-sdk": 'import sdk from "vwo-node-sdk"; export const { launch } = sdk;',
  "@kameleoon/javascript-sdk": 'export { KameleoonClient } from "@kameleoon/javascript-sdk";',
  "@convertcom/js-sdk": 'export { default } from "@convertcom/js-sdk";',
};

/**
 * What teams write by hand for one platform: Optimizely Classic's cookies, read as its documentation describes them, into
 * the event URL that it documents. It checks nothing.
 */
export const SNIPPET = `
const cookie = (name) => {
  const entry = document.cookie.split("; ").find((each) => each.startsWith(name + "="));
  return entry ? decodeURIComponent(entry.slice(name.length + 1)) : "";
};
const account = "8511325", project = "1234567";
const parameters = new URLSearchParams({ a: account, d: project, y: "false", src: "js", n: "phone_order", u: cookie("optimizelyEndUserId"), time: String(Date.now() / 1000) });
const buckets = JSON.parse(cookie("optimizelyBuckets") || "{}");
for (const id in buckets) parameters.set("x" + id, buckets[id]);
const segments = JSON.parse(cookie("optimizelySegments") || "{}");
for (const id in segments) parameters.set("s" + id, segments[id]);
window.optimizelyConversion = "https://" + account + ".log.optimizely.com/event?" + parameters;
`;

/** name → script. A vendor whose SDK a bundler cannot make a page's script of is not there, and why is said. */
export async function peers(minified) {
  const scripts = {};
  for (const [name, contents] of Object.entries({ ...SDKS, "snippet for Optimizely Classic": SNIPPET })) {
    const { outputFiles } = await build({
      ...minified,
      format: "iife",
      globalName: name in SDKS ? "vendor" : undefined,
      platform: "browser",
      // vwo-node-sdk reaches for Node's own modules; a page has none, and its weight is without them.
      external: ["http", "https", "url", "fs", "crypto", "child_process"],
      write: false,
      stdin: { contents, resolveDir: new URL("../..", import.meta.url).pathname },
    });
    scripts[name] = outputFiles[0].text;
  }
  return scripts;
}
