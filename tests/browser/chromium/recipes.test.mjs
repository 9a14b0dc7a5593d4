// The recipe of a plugin that embeds the package, in a real page.
import assert from "node:assert/strict";
import test from "node:test";
import { build } from "esbuild";
import { recipe } from "../../recipes.mjs";
import { serveBeside, visit } from "../browser.mjs";

const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>${body}`;
const isToken = (text) => assert.match(text, /^A[\w-]{20,}$/);

test("the call-tracking plugin: a number of the visitor's own, and the token with it", async () => {
  const bundled = await build({
    entryPoints: [new URL("../../../recipes/call-tracking-plugin.js", import.meta.url).pathname],
    alias: { aftercall: new URL("../../../dist/index.js", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "plugin",
  });
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, { page: html(`<a data-call href="tel:1">call</a>`) });
    const told = [];
    let fails = 1;
    await page.route(`${url}session`, async (route) => {
      if (fails-- > 0) return route.fulfill({ body: "no JSON" });
      told.push(route.request().postDataJSON());
      await route.fulfill({ json: { session: "s-1", number: "+18005550100" } });
    });
    await page.goto(`${url}page`);
    await page.context().addCookies([{ name: "kameleoonVisitorCode", value: "l200u3djm8kovq4o", url }]);
    await page.addScriptTag({ content: bundled.outputFiles[0].text });
    await page.clock.install();
    await page.evaluate((server) => {
      window.consent = false;
      window.plugin.startCallTracking(server, () => window.consent);
    }, `${url}session`);
    const show = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow")));
    await page.clock.runFor(20_000);
    await show();
    assert.deepEqual(told, [], "nothing without consent");
    await page.evaluate(() => {
      window.consent = true;
    });
    await show();
    await page.waitForResponse(`${url}session`).catch(() => {});
    await show();
    await page.getByRole("link", { name: "+18005550100" }).waitFor();
    assert.equal(await page.locator("a").getAttribute("href"), "tel:+18005550100");
    await show();
    await page.context().addCookies([{ name: "_vwo_uuid", value: "D11BD6ED27A63F845ADFCBA2D9AA7835C", url }]);
    const second = page.waitForResponse(`${url}session`);
    await show();
    await second;
    assert.equal(told.length, 2, "once a token");
    for (const { token } of told) isToken(token);
    assert.deepEqual([told[0].session, told[1].session], [undefined, "s-1"]);
    assert.notEqual(told[0].token, told[1].token);
  });
});

test("the plugin is no longer than it says", () => {
  assert.ok(recipe("call-tracking-plugin.js").trimEnd().split("\n").length <= 40);
});
