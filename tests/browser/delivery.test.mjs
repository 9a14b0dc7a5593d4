// The demo's end: what the back office sends arrives at the simulator, and what it exports the command delivers.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { before } from "node:test";
import { commandPath, compileCommand } from "../../xtask/command.mjs";
import { run } from "../../xtask/run.mjs";
import { engine, ready, visit } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

before(() => compileCommand());

/** A browser that somebody looks at: platforms refuse, or drop, what the headless Chromium calls itself. */
const looked = {
  simulated: true,
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
};

/** A call from the shop, open in the back office. */
async function callOnTheDesk(/** @type {Page} */ page, /** @type {string} */ url) {
  await page.goto(url);
  await ready(page);
  await page.locator("#call").click();
  await page.goto(`${url}backoffice.html`);
  await ready(page);
  await page.getByLabel("Worth").fill("8490.00");
}

/** Presses the button, and waits for what is said then. */
async function send(/** @type {Page} */ page, said = "4 of 4 delivered.") {
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.locator("#delivery", { hasText: said }).waitFor();
  await page.waitForFunction(() => !document.querySelector("#send[aria-disabled]"));
}

/** What became of each request, after its platform's name. */
const fates = async (/** @type {Page} */ page) =>
  (await page.locator("#fates li").allTextContents()).map((text) =>
    text.replace(/^(Optimizely|VWO|Kameleoon|Convert)\. /, ""),
  );
const platforms = ["optimizely events", "vwo web-goal", "kameleoon events", "convert v1"];

test("what is sent arrives, is checked and counted; sent again, it is a repeat", async () => {
  await visit(async ({ page, url, simulator }) => {
    await callOnTheDesk(page, url);
    assert.deepEqual(await fates(page), []);
    await send(page);
    assert.deepEqual(
      await fates(page),
      platforms.map((endpoint) => {
        const status = /optimizely|kameleoon/.test(endpoint) ? 204 : 200;
        return `Delivered. Answer ${status}, 1 attempt. At the simulator once as “${endpoint}”: sound, and counted.`;
      }),
    );
    assert.deepEqual((await simulator.log()).map(({ endpoint, outcome }) => [endpoint, outcome]).sort(), [
      ...platforms.map((endpoint) => [endpoint, "accepted"]).sort(),
    ]);
    await page.getByText("4 requests, 4 conversions counted.").waitFor();
    assert.equal(await page.locator("#log li").count(), 4);

    await page.getByText("VWO would count it twice.").waitFor();
    await send(page);
    const again = await fates(page);
    for (const [index, endpoint] of platforms.entries()) {
      const counted = endpoint.startsWith("optimizely") ? "not counted again" : "counted again";
      assert.ok(again[index].endsWith(`At the simulator twice as “${endpoint}”: a repeat, ${counted}.`), again[index]);
    }
    await page.getByText("8 requests, 7 conversions counted, 1 repeat dropped.").waitFor();

    // Another worth is another request: the old one's fate is not its own.
    await page.getByLabel("Worth").fill("9000.00");
    for (const fate of await fates(page)) assert.match(fate, /That was before you changed something/);

    // Another window knows what arrived, and what the call was worth.
    await page.getByLabel("Worth").fill("8490.00");
    await page.reload();
    await page
      .locator("#fates li", { hasText: /\. At the simulator twice/ })
      .nth(3)
      .waitFor();
    assert.equal(await page.getByLabel("Worth").inputValue(), "8490.00");
  }, looked);
});

test("platforms that are busy, broken, cut off or polite: each time the page says what is known", async () => {
  await visit(async ({ page, url, simulator, complaints }) => {
    await callOnTheDesk(page, url);
    const trouble = async (/** @type {string} */ kind, /** @type {string} */ said) => {
      await page.getByLabel("while the platforms are").selectOption(kind);
      await send(page, said);
      return fates(page);
    };
    for (const fate of await trouble("broken", "0 of 4 delivered.")) assert.match(fate, /^(Refused|Not delivered)\./);
    assert.equal((await simulator.stats()).conversions, 0);
    assert.match(
      await page.locator("#send-hint").textContent(),
      /^They go to the simulator/,
      "nothing was counted yet",
    );
    for (const fate of await trouble("busy", "4 of 4 delivered.")) assert.match(fate, /^Delivered\..* 2 attempts\./);
    assert.equal((await simulator.stats()).conversions, 4);
    // What was cut off may have been counted: only what is safe goes out again.
    const doubtful = await trouble("cut", "delivered.");
    assert.match(doubtful[0], /^In doubt: .* No answer, 3 attempts\..* a repeat, not counted again\.$/);
    for (const fate of doubtful.slice(1))
      assert.match(fate, /^In doubt: it may have been counted\. No answer, 1 attempt/);
    for (const fate of await trouble("dropped", "4 of 4 delivered."))
      assert.match(fate, /answered as always, and dropped/);
    // The browser reports every answer that is none.
    assert.ok(
      complaints.every((line) => /Failed to load resource|Cross-Origin Request Blocked/.test(line)),
      complaints.join("\n"),
    );
    complaints.length = 0;
  }, looked);
});

// The other drivers do not hand over what was downloaded.
const saves = { skip: engine !== "chromium" };

test("the exported calls and settings are what the command delivers, once", saves, async () => {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-demo-"));
  try {
    await visit(async ({ page, url, simulator }) => {
      await callOnTheDesk(page, url);
      for (const name of ["calls.csv", "aftercall.toml"]) {
        const [saved] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name, exact: true }).click(),
        ]);
        assert.equal(saved.suggestedFilename(), name);
        await saved.saveAs(join(folder, name));
      }
      for (const conversions of [4, 0]) {
        const { platforms } = JSON.parse(await run(commandPath, ["sync", "calls.csv", "--json"], { cwd: folder }));
        const delivered = Object.values(platforms).map(({ delivered }) => delivered);
        assert.equal(delivered.length, 4);
        assert.equal(
          delivered.reduce((sum, count) => sum + count),
          conversions,
        );
      }
      // The page sees them arrive, and knows them for the ones that it would send.
      assert.equal((await simulator.stats()).conversions, 4);
      await page.getByText("4 requests, 4 conversions counted.").waitFor();
      await page.getByRole("button", { name: "Send again: 4 requests" }).waitFor();
    }, looked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("without a simulator the back office says so", async () => {
  await visit(async ({ page, url }) => {
    await callOnTheDesk(page, url);
    await page.getByText("No simulator runs here").waitFor();
    await send(page, "Nothing was sent: no simulator runs here.");
  });
});
