// A page in Chromium that holds the sample's cookies and storage: what our script costs it, next to the vendors' SDKs and to a
// snippet written by hand; on this machine as it is, with its processor four times slower, and over a slow connection.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { project } from "../xtask/run.mjs";
import { accounts, page as sample } from "../xtask/sample.mjs";
import { SNIPPET } from "./peers/bundles.mjs";
import { median, quartiles } from "./record.mjs";

const VISITS = 15;
/** What Lighthouse takes for a slow fourth-generation mobile connection. */
const SLOW = { latency: 150, downloadThroughput: (1.6e6 / 8) | 0, uploadThroughput: (0.75e6 / 8) | 0, offline: false };

/**
 * The script with a clock that starts where it does, behind the comment for engines that has to stand first, and stops where it
 * ends. Ours stops it once more, when the visitor is read and there is a token.
 */
const timed = (script) =>
  `${script.replace(/^(\/\/#.*\n)?/, "$&began = performance.now();\n")}\nready = performance.now();`;
const STOPS = "aftercall = [() => { ready = performance.now(); }];";

/**
 * Pages: `/inline/<name>` has the script in itself; `/beside/<name>` and `/whole/<name>` load it, `/timed/<name>` with a clock
 * of its own; `none` is the page without.
 */
function server(scripts) {
  // A page of its own process gets a clock of 5 µs instead of 100.
  const alone = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const packed = {};
  for (const [name, script] of Object.entries(scripts)) {
    packed[`script/${name}`] = brotliCompressSync(Buffer.from(script));
    packed[`timed-script/${name}`] = brotliCompressSync(Buffer.from(timed(script)));
  }
  return createServer((request, response) => {
    const [, kind, name] = request.url.split("/").map(decodeURIComponent);
    const send = (type, body, headers) =>
      response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store", ...alone, ...headers }).end(body);
    const file = packed[`${kind}/${name}`];
    if (file) return send("text/javascript", file, { "Content-Encoding": "br" });
    if (!["inline", "beside", "timed", "whole"].includes(kind)) return response.writeHead(404).end();
    // All that a site may ask for, or the script alone.
    const outlets = kind === "whole" ? ` data-outlets="auto forms event dataLayer"` : "";
    const script =
      kind !== "inline"
        ? `<script src="/${kind === "timed" ? "timed-" : ""}script/${encodeURIComponent(name)}" data-consent="none"${outlets}></script>`
        : `<script data-consent="none">${(scripts[name] ?? "").replaceAll("</script", "<\\/script")}</script>`;
    // Node's own modules, which a page has not.
    const clock = kind === "timed" ? STOPS : "began = performance.now()";
    const before = `<script>require = () => ({}); ${clock}</script>`;
    const after = kind === "timed" ? "" : "<script>ready = performance.now()</script>";
    send("text/html", `<!doctype html><meta charset="utf-8">${before}${name === "none" ? "" : script}${after}`);
  });
}

/**
 * Visits a page many times: what `look` finds there, after the page has loaded. `next`: it is not the first page of the visit,
 * another one like it was looked at for half a second.
 */
async function visits(context, url, { slower = 1, network, next = false } = {}, look) {
  const found = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const tab = await context.newPage();
    const devtools = await context.newCDPSession(tab);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
    // The processor's time for this thread: what else the machine does at the moment does not count.
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    if (network) {
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", network);
    }
    if (next) {
      await tab.goto(`${url}/before`, { waitUntil: "load" });
      await tab.waitForTimeout(500);
    }
    await tab.goto(url, { waitUntil: "load" });
    found.push(await look(tab, devtools));
    await tab.close();
  }
  return found;
}

const untilReady = (tab) => tab.evaluate("ready - began");

/** Ms that the page's thread worked, from the beginning to the end of loading. */
async function work(_, devtools) {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
}

/** The same until two seconds later: the script looks for platforms and trackers that come late. */
async function lasting(tab, devtools) {
  await tab.waitForTimeout(2000);
  return work(tab, devtools);
}

/**
 * @param {import("./record.mjs").Record} record
 * @param {Record<string, string>} others Name → script.
 * @param {string} executablePath Chromium.
 */
export async function page(record, others, executablePath) {
  const file = (name) => readFile(join(project, "dist", name), "utf8");
  const scripts = { "aftercall.js": await file("aftercall.js"), ...others };
  const parts = { "aftercall.outlets.js": await file("aftercall.outlets.js") };
  const site = server({ ...scripts, "index.js": await file("index.js"), none: "", ...parts });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  // For this name alone Chromium accepts brotli without a certificate.
  const origin = `http://localhost:${site.address().port}/`;
  const browser = await chromium.launch({
    executablePath,
    // biome-ignore format: one line
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const context = await browser.newContext();
    const cookies = sample.cookie.split("; ").map((cookie) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(cookie);
      return { name, value, url: origin };
    });
    // The snippet's platform has no segments in the sample.
    await context.addCookies(cookies);
    await context.addInitScript((storage) => Object.assign(localStorage, storage), sample.storage);

    const tab = await context.newPage();
    await tab.goto(`${origin}inline/aftercall.js`);
    const found = await tab.evaluate("Object.keys(window.aftercall.visitor)");
    const lost = Object.keys(accounts).filter((platform) => !found.includes(platform));
    if (lost.length > 0) throw new Error(`The page's context lacks ${lost.join(", ")}.`);

    for (const name of Object.keys(others)) {
      await tab.goto(`${origin}inline/${encodeURIComponent(name)}`);
      const what = await tab.evaluate("typeof vendor === 'object' || typeof window.optimizelyConversion === 'string'");
      if (!what) throw new Error(`${name} did not run.`);
    }

    record.chapter(
      "In a page",
      `Chromium, a page that does nothing else, ${VISITS} visits each, every one with an empty cache. From the script's first statement on. Of our script: until the visitor of four platforms is read and there is a token. Of an SDK: until it is loaded; it has read nothing yet. The snippet does one platform's share, without a check.`,
    );
    for (const slower of [1, 4]) {
      const where = slower === 1 ? "" : `, processor ${slower} × slower`;
      for (const name of Object.keys(scripts)) {
        const times = await visits(context, `${origin}timed/${encodeURIComponent(name)}`, { slower }, untilReady);
        const promise = name === "aftercall.js" && slower === 1 ? { most: 4 } : {};
        const what = name === "aftercall.js" ? "evaluated until context ready" : "evaluated";
        record.rows(`${name}: ${what}${where}`, times, "ms", promise);
      }
      const again = await visits(context, `${origin}timed/aftercall.js`, { slower, next: true }, untilReady);
      record.rows(`aftercall.js: evaluated until context ready, the visit's next page${where}`, again, "ms");
    }

    record.chapter(
      "The page's thread",
      "Ms that it works more with the script than without, from the first byte to the end of loading: compiling included.",
    );
    for (const slower of [1, 4]) {
      const where = slower === 1 ? "" : `, processor ${slower} × slower`;
      const idle = median(await visits(context, `${origin}beside/none`, { slower }, work));
      for (const name of Object.keys(scripts)) {
        const times = await visits(context, `${origin}beside/${encodeURIComponent(name)}`, { slower }, work);
        record.rows(
          `${name}${where}`,
          times.map((time) => time - idle),
          "ms",
        );
      }
    }

    record.chapter(
      "A page view with everything",
      "Ms that the page's thread works more with the script, its cookie and its outlets than without, from the first byte until two seconds after loading. The first page of a visit, in a process that has run nothing yet; and a page after it, in the same tab: Chromium knows the module again, and compiles nothing anew. Neither has the files in its cache.",
    );
    for (const [next, where] of [
      [false, "the first page of a visit"],
      [true, "its next page"],
    ]) {
      const quiet = median(await visits(context, `${origin}whole/none`, { next }, lasting));
      const whole = await visits(context, `${origin}whole/aftercall.js`, { next }, lasting);
      record.rows(
        `aftercall.js and aftercall.outlets.js, ${where}`,
        whole.map((time) => time - quiet),
        "ms",
        { most: 5 },
      );
    }

    record.chapter(
      "Over a slow connection",
      `${SLOW.latency} ms there and back, ${(SLOW.downloadThroughput * 8) / 1e6} Mbit/s, as DevTools slows it down: from asking for the script until it has run. DevTools knows nothing of a connection's slow start, which costs a file beyond its first 14 KB another way there and back.`,
    );
    const bars = [];
    for (const name of Object.keys(scripts)) {
      const times = await visits(context, `${origin}beside/${encodeURIComponent(name)}`, { network: SLOW }, untilReady);
      record.rows(name, times, "ms");
      bars.push({ name, value: quartiles(times).median, ours: name === "aftercall.js" });
    }
    record.picture("slow-connection.svg", "From asking for the script until it has run", "ms", bars);

    record.chapter(
      "Warm",
      "What another look at the page costs, in the package's bundle: µs a call, batches of ten calls.",
    );
    for (const slower of [1, 4]) {
      const devtools = await context.newCDPSession(tab);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
      const where = slower === 1 ? "" : `, processor ${slower} × slower`;
      const batches = await tab.evaluate(async (snippet) => {
        const { capture, stash } = await import("/script/index.js");
        const byHand = new Function(snippet);
        const time = (work) => {
          const times = [];
          for (let batch = 0; batch < 200; batch++) {
            const began = performance.now();
            for (let call = 0; call < 10; call++) work();
            times.push(((performance.now() - began) / 10) * 1000);
          }
          return times.slice(50);
        };
        return { ours: time(() => stash(capture())), byHand: time(byHand) };
      }, SNIPPET);
      record.rows(`capture + stash, four platforms${where}`, batches.ours, "µs", slower === 1 ? { most: 100 } : {});
      record.rows(`the snippet for Optimizely Classic alone${where}`, batches.byHand, "µs");
    }
  } finally {
    await browser.close();
    site.close();
  }
}
