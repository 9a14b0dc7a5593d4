// npm run bench: bytes and times against what we promise. It measures this machine, now; it judges nothing.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { delivery } from "../benches/peers/delivery.mjs";
import { build } from "./build.mjs";
import { settings, users } from "./fullstack-sample.mjs";
import { bold, green, main, project, red, run } from "./run.mjs";
import { accounts, conversion, page } from "./sample.mjs";
import { browser, setUp, setUpTests } from "./setup.mjs";
import { table, weigh } from "./sizes.mjs";

const dist = (name) => join(project, "dist", name);

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

function row(title, value, unit, { most, least } = {}) {
  const digits = { maximumFractionDigits: value < 10 ? 2 : 0 };
  const bound = most ?? least;
  const met = most === undefined ? value >= least : value <= most;
  const verdict =
    bound && `${most === undefined ? "≥" : "≤"} ${bound.toLocaleString("en")} ${met ? green("met") : red("missed")}`;
  console.log(
    `${title.padEnd(58)} ${value.toLocaleString("en", digits).padStart(10)} ${unit.padEnd(11)} ${verdict ?? ""}`,
  );
}

/** In a real page that holds the sample's cookies and storage: the script tag's first call, the package's warm ones. */
async function inChromium() {
  const { chromium } = await import("playwright-core");
  const instance = await chromium.launch({
    executablePath: browser().CHROMIUM,
    // biome-ignore format: one line
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const context = await instance.newContext();
    const origin = "https://shop.example/";
    const script = await readFile(dist("aftercall.js"), "utf8");
    const answers = {
      "/": {
        contentType: "text/html",
        body: `<!doctype html><script>began = performance.now()</script><script data-consent="none">${script}</script><script>ready = performance.now()</script>`,
        // A page of its own process gets a clock of 5 µs instead of 100.
        headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
      },
      "/index.js": { contentType: "text/javascript", body: await readFile(dist("index.js"), "utf8") },
    };
    await context.route("**", (route) => {
      const answer = answers[new URL(route.request().url()).pathname];
      return answer ? route.fulfill(answer) : route.fulfill({ status: 404 });
    });
    await context.addCookies(
      page.cookie.split("; ").map((cookie) => {
        const [, name, value] = /^([^=]+)=(.*)$/.exec(cookie);
        return { name, value, url: origin };
      }),
    );
    await context.addInitScript((storage) => Object.assign(localStorage, storage), page.storage);

    const starts = [];
    for (let visit = 0; visit < 21; visit++) {
      const tab = await context.newPage();
      await tab.goto(origin);
      starts.push(await tab.evaluate("ready - began"));
      if (visit === 0) {
        const found = await tab.evaluate("Object.keys(window.aftercall.visitor)");
        const lost = Object.keys(accounts).filter((platform) => !found.includes(platform));
        if (lost.length > 0) throw new Error(`The page's context lacks ${lost.join(", ")}.`);
      }
      await tab.close();
    }
    row("Chromium: script evaluated until context ready", median(starts), "ms", { most: 4 });

    const tab = await context.newPage();
    await tab.goto(origin);
    const batches = await tab.evaluate(async () => {
      const { capture, stash } = await import("/index.js");
      const times = [];
      for (let batch = 0; batch < 200; batch++) {
        const began = performance.now();
        for (let call = 0; call < 10; call++) stash(capture());
        times.push(((performance.now() - began) / 10) * 1000);
      }
      return times.slice(50);
    });
    row("Chromium: capture + stash, warm, four platforms", median(batches), "µs", { most: 100 });
  } finally {
    await instance.close();
  }
}

async function inNode(file) {
  const { capture, stash, conversionRequests } = await import(pathToFileURL(dist(file)).href);
  const token = stash(capture(page));
  if (file === "index.js")
    row("Token: four platforms, three experiments each", token.length, "characters", { most: 255 });
  const work = (seconds) => {
    let requests = 0;
    const began = performance.now();
    for (let call = 0; performance.now() - began < seconds * 1000; call++)
      requests += conversionRequests(token, { ...conversion, id: `order-${call}` }, accounts).requests.length;
    return requests / seconds;
  };
  work(0.5);
  row(`Node: token + conversion to requests, dist/${file}`, work(2), "requests/s");
}

/**
 * Calls a second of the processor's time, which other programs do not take part in. In turns, so that all have the machine
 * at its best and at its worst.
 */
function inTurns(...works) {
  const rates = works.map(() => []);
  for (let turn = 0; turn < 9; turn++)
    for (const [index, work] of works.entries()) {
      let calls = 0;
      const before = process.cpuUsage();
      for (const began = performance.now(); performance.now() - began < 250; )
        for (let batch = 0; batch < 10; batch++) work(users[calls++ % users.length]);
      const { user, system } = process.cpuUsage(before);
      if (turn > 1) rates[index].push((calls / (user + system)) * 1e6);
    }
  return rates.map(median);
}

/** The vendor's SDK. Its ways out are closed before it is loaded: it builds its requests, and they go nowhere. */
function loadSdk() {
  const require = createRequire(import.meta.url);
  const https = require("node:https");
  const nowhere = { on: () => nowhere, write: () => true, end: () => nowhere };
  https.get = https.request = () => nowhere;
  const sdk = require("vwo-node-sdk");
  sdk.setLogLevel(99); // nothing is printed
  return sdk;
}

/**
 * FullStack's `track` beside the vendor's SDK: both decide and build their requests, and nothing is sent.
 * Returns the SDK's calls a second for one campaign.
 */
async function besideTheSdk() {
  const { launch } = await import(pathToFileURL(dist("vwo-fullstack.js")).href);
  const sdk = loadSdk();
  let ofOne;
  for (const [campaigns, key, least] of [
    [1, "AB0", 20],
    [50, null, 50],
  ]) {
    const settingsFile = settings(campaigns);
    let built = 0;
    const ours = launch({ settingsFile, dispatch: () => built++ });
    const other = sdk.launch({ settingsFile: settings(campaigns) });
    const answer = (client) =>
      Object.values(client.track(key, users[0], "CUSTOM")).filter((value) => value === true).length;
    if (answer(ours) !== campaigns || answer(other) !== campaigns) throw new Error("Not every campaign was tracked.");
    const [fast, slow] = inTurns(
      (user) => ours.track(key, user, "CUSTOM"),
      (user) => other.track(key, user, "CUSTOM"),
    );
    const what = campaigns === 1 ? "one campaign" : `${campaigns} campaigns`;
    if (built === 0) throw new Error("No request was built.");
    row(`Node: track, ${what}, aftercall/vwo-fullstack`, fast, "calls/s");
    row(`Node: track, ${what}, vwo-node-sdk`, slow, "calls/s");
    row(`Node: track, ${what}, times as fast`, fast / slow, "×", { least });
    ofOne ??= slow;
  }
  return ofOne;
}

/** The crate's own programs in benches/, and how FullStack's compares with the SDK, whose calls a second are given. */
async function natively(sdk) {
  const metadata = JSON.parse(await run("cargo", ["metadata", "--no-deps", "--format-version", "1", "--quiet"]));
  const targets = metadata.packages.flatMap((item) => item.targets).filter(({ kind }) => kind.includes("bench"));
  for (const { name, "required-features": features = [] } of targets) {
    const options = ["--quiet", "--bench", name, "--features", features.join()];
    const output = await run("cargo", ["bench", ...options]);
    console.log(output.trimEnd());
    const rate = /^track, one campaign +([\d,]+)/m.exec(output)?.[1].replaceAll(",", "");
    if (rate) row("natively: track, one campaign, times as fast", rate / sdk, "×", { least: 150 });
  }
}

await main(import.meta.url, async () => {
  await setUp();
  await setUpTests();
  await build();
  console.log(`\n${table(await weigh())}\n\n${bold("times, medians")}`);
  await inChromium();
  await inNode("index.js");
  await inNode("js.js");
  await natively(await besideTheSdk());
  console.log(`\n${bold("delivery to a simulator on this machine")}`);
  await run("cargo", ["build", "--release", "--package", "aftercall-cli"]);
  await delivery(row);
});
