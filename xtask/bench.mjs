// npm run bench: bytes and times against what we promise. It measures this machine, now; it judges nothing.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
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

/** The crate's own programs in benches/. */
async function natively() {
  const metadata = JSON.parse(await run("cargo", ["metadata", "--no-deps", "--format-version", "1", "--quiet"]));
  const targets = metadata.packages.flatMap((item) => item.targets).filter(({ kind }) => kind.includes("bench"));
  for (const { name } of targets) console.log((await run("cargo", ["bench", "--quiet", "--bench", name])).trimEnd());
}

await main(import.meta.url, async () => {
  await setUp();
  await setUpTests();
  await build();
  console.log(`\n${table(await weigh())}\n\n${bold("times, medians")}`);
  await inChromium();
  await inNode("index.js");
  await inNode("js.js");
  await natively();
});
