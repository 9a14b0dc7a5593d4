// npm run bench: bytes and times against what we promise, and docs/benchmarks.md out of them. It measures this machine, now; it
// judges nothing.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { writeDocument } from "../benches/document.mjs";
import { page as inChromium } from "../benches/page.mjs";
import { peers } from "../benches/peers/bundles.mjs";
import { delivery } from "../benches/peers/delivery.mjs";
import { median, Record } from "../benches/record.mjs";
import { build, minified } from "./build.mjs";
import { settings, users } from "./fullstack-sample.mjs";
import { main, project, run } from "./run.mjs";
import { accounts, conversion, page } from "./sample.mjs";
import { browsers, setUp, setUpTests } from "./setup.mjs";
import { weigh } from "./sizes.mjs";

const dist = (name) => join(project, "dist", name);

const record = new Record();
const row = record.row.bind(record);

/** Bytes of what a page downloads, ours and the vendors'. */
function bytes(weights, others) {
  record.chapter(
    "Bytes",
    "What a page downloads: brotli -11. The vendors' SDKs are bundled in the same run with the same settings, one at a time; what each does is more than we do (it decides), and less (one platform). Node's own modules, which `vwo-node-sdk` asks for, are not counted.",
  );
  for (const { file, brotli, budget } of weights)
    if (budget || file === "dist/index.js") row(file, brotli, "bytes", budget ? { most: budget } : {});
  const weight = (script) => brotliCompressSync(Buffer.from(script)).length;
  const sdks = Object.entries(others).filter(([name]) => !name.startsWith("snippet"));
  for (const [name, script] of Object.entries(others)) row(name, weight(script), "bytes");
  const sum = sdks.reduce((sum, [, script]) => sum + weight(script), 0);
  row("the four SDKs together", sum, "bytes");
  const tag = weights.find(({ file }) => file === "dist/aftercall.js").brotli;
  record.picture("bytes.svg", "What a page downloads, brotli", "bytes", [
    { name: "aftercall.js, four platforms", value: tag, ours: true },
    ...sdks.map(([name, script]) => ({ name, value: weight(script) })),
    { name: "the four SDKs together", value: sum },
  ]);
}

/** Where, and with what. */
async function machine() {
  // The last line: what starts a browser may complain before it.
  const said = async (command, ...args) => (await run(command, args)).trim().split("\n").at(-1);
  const { devDependencies } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
  const sdks = Object.entries(devDependencies).filter(([name]) =>
    [
      "@optimizely/optimizely-sdk",
      "vwo-node-sdk",
      "@kameleoon/javascript-sdk",
      "@convertcom/js-sdk",
      "undici",
    ].includes(name),
  );
  return [
    `${new Date().toISOString().slice(0, 10)}, commit ${await said("git", "rev-parse", "--short", "HEAD")}`,
    `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`,
    `${await said("rustc", "--version")}, Node ${process.versions.node}, ${await said(browsers().CHROMIUM, "--version")}`,
    sdks.map(([name, version]) => `${name} ${version}`).join(", "),
  ];
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
  const rates = Array.from({ length: 9 }, () => work(0.3));
  record.rows(`Node: token + conversion to requests, dist/${file}`, rates, "requests/s");
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

const number = (digits) => Number(digits.replaceAll(",", ""));

/** The crate's own programs in benches/, and how FullStack's compares with the SDK, whose calls a second are given. */
async function natively(sdk) {
  const metadata = JSON.parse(await run("cargo", ["metadata", "--no-deps", "--format-version", "1", "--quiet"]));
  const targets = metadata.packages.flatMap((item) => item.targets).filter(({ kind }) => kind.includes("bench"));
  for (const { name, "required-features": features = [] } of targets) {
    const options = ["--quiet", "--bench", name, "--features", features.join()];
    const output = await run("cargo", ["bench", ...options]);
    for (const line of output.trimEnd().split("\n")) {
      const [, title, value, unit, low, high, least] =
        /^(.*\S) +([\d,]+) (\S+) +\(([\d,]+) to ([\d,]+)\)(?: +≥ ([\d,]+))?/.exec(line) ?? [];
      const bounds = { low: low && number(low), high: high && number(high), least: least && number(least) };
      if (title) row(title, number(value), unit, bounds);
      else console.log(line);
    }
    const rate = /^track, one campaign +([\d,]+)/m.exec(output)?.[1];
    if (rate) row("natively: track, one campaign, times as fast", number(rate) / sdk, "×", { least: 150 });
  }
}

await main(import.meta.url, async () => {
  await setUp();
  await setUpTests();
  await build();
  const others = await peers(minified);
  bytes(await weigh(), others);
  await inChromium(record, others, browsers().CHROMIUM);
  record.chapter("In Node and natively", "One core. What a conversion costs where it is turned into requests.");
  await inNode("index.js");
  await inNode("js.js");
  record.chapter(
    "VWO FullStack",
    "`track` beside `vwo-node-sdk`: both decide and build their requests, and nothing is sent. Calls in turns, a second of the processor's time.",
  );
  await natively(await besideTheSdk());
  record.chapter(
    "Delivery",
    "`aftercall sync` beside a pipeline written by hand with `undici`: the same rows, the same simulator on this machine, the same number of connections, in turns. The one by hand remembers nothing; the ledger is flushed to the disk before a request leaves.",
  );
  await run("cargo", ["build", "--release", "--package", "aftercall-cli"]);
  await delivery(record);
  await writeDocument(join(project, "docs"), await machine(), record);
});
