// A browser with a fresh profile in front of the demo's server. Whatever leaves loopback or complains fails the test.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { simulate } from "../../xtask/command.mjs";
import { serve } from "../../xtask/serve.mjs";

const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../../xtask/command.mjs").Simulator} Simulator */

/**
 * Open a browser, run the visit, close it, and check that nothing went out and nothing complained.
 * @param {(visit: { page: Page, url: string, complaints: string[], simulator?: Simulator }) => Promise<void>} run `url` ends
 *   in a slash. A test that expects complaints takes them out of the list.
 * @param {import("playwright-core").BrowserContextOptions & { preferences?: object, simulated?: boolean }} [options]
 *   `preferences`: what the user has set in the browser, as its profile keeps it. `simulated`: with a simulator; the command
 *   must have been compiled.
 */
export async function visit(run, { preferences = {}, simulated = false, ...options } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "aftercall-profile-"));
  await mkdir(join(profile, "Default"));
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const simulator = simulated ? await simulate() : undefined;
  const server = await serve({ simulator: simulator?.url });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: flags.split(" "),
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  /** @type {string[]} */
  const complaints = [];
  try {
    context.setDefaultTimeout(10_000);
    await context.route("**", (route) => {
      if (new URL(route.request().url()).hostname === "127.0.0.1") return route.continue();
      complaints.push(`A request left the machine: ${route.request().url()}`);
      return route.abort();
    });
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    await run({ page: context.pages()[0] ?? (await context.newPage()), url: server.url, complaints, simulator });
  } finally {
    await context.close();
    await server.close();
    await simulator?.close();
    await rm(profile, { recursive: true, force: true });
  }
  assert.deepEqual(complaints, []);
}

/**
 * Pages of the test's own, beside the demo's: path → HTML. They come without a content security policy.
 * @param {Page} page
 * @param {string} url The server's.
 * @param {Record<string, string>} pages
 */
export async function serveBeside(page, url, pages) {
  for (const [path, body] of Object.entries(pages))
    await page.route(url + path, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }));
}

/** Until the script tag has run. */
export const ready = (/** @type {Page} */ page) =>
  page.waitForFunction(() => window.aftercall && !Array.isArray(window.aftercall));
