// Recipes that load the built script tag, in a real page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { recipe, template } from "../recipes.mjs";
import { serveBeside, visit } from "./browser.mjs";

const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>${body}`;
const cookie = `<script>document.cookie = "kameleoonVisitorCode=l200u3djm8kovq4o"</script>`;
const trackers = await readFile(new URL("./trackers.js", import.meta.url), "utf8");
const isToken = (text) => assert.match(text, /^A[\w-]{20,}$/);

test("Tag Manager's template: the token is in the data layer and with the call tracker", async () => {
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, {
      page: html(`${cookie}<script>${trackers}; load("ctm"); load("dataLayer")</script>`),
    });
    await page.goto(`${url}page`);
    const done = await page.evaluate(
      ([code, src]) =>
        new Promise((resolve, reject) => {
          const apis = {
            setInWindow: (name, value) => Object.assign(window, { [name]: value }),
            injectScript(src, onload, onerror) {
              document.head.append(
                Object.assign(document.createElement("script"), { src, onload, onerror, async: true }),
              );
            },
          };
          const data = { src, consent: "none", outlets: "auto dataLayer" };
          const outcome = { gtmOnSuccess: () => resolve("success"), gtmOnFailure: reject };
          new Function("require", "data", code)((name) => apis[name], { ...data, ...outcome });
        }),
      [template().code, `${url}dist/aftercall.js`],
    );
    assert.equal(done, "success");
    await page.waitForFunction(() => window.heard.length === 2);
    const [ctm, layer] = await page.evaluate(() => window.heard.sort((a, b) => a.tracker.localeCompare(b.tracker)));
    isToken(ctm.variables.aftercall_ctx);
    assert.deepEqual([layer.event, layer.aftercall.token], ["aftercall_ready", ctm.variables.aftercall_ctx]);
    assert.deepEqual(await page.evaluate(() => window.aftercall.visitor.problems), []);
  });
});

test("Optimizely's integration: loads the script, and what is decided later reaches the call tracker", async () => {
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, { page: html(`<script>${trackers}; load("ringba")</script>`) });
    await page.goto(`${url}page`);
    const decide = (campaign) =>
      page.evaluate(
        ([code, src, campaign]) => {
          const names = ["campaignId", "experimentId", "variationId", "isHoldback", "extension"];
          const extension = { src, consent: "none", outlets: "auto" };
          new Function(...names, code)(campaign, "2", "3", false, extension);
        },
        [
          JSON.parse(recipe("optimizely-integration.json")).options.track_layer_decision,
          `${url}dist/aftercall.js`,
          campaign,
        ],
      );
    const bucket = (experiments) =>
      page.context().addCookies([
        { name: "optimizelyEndUserId", value: "oeu1403497108674r0.68", url },
        { name: "optimizelyBuckets", value: encodeURIComponent(JSON.stringify(experiments)), url },
      ]);
    await bucket({ 11: "12" });
    await decide("1");
    await page.waitForFunction(() => window.heard.length === 1);
    await bucket({ 11: "12", 21: "22" });
    await decide("2");
    await page.waitForFunction(() => window.heard.length === 2);
    const experiments = await page.evaluate(() =>
      window.heard.map(({ tags }) => window.aftercall.unstash(tags.aftercall_ctx).optimizely.experiments),
    );
    assert.deepEqual(experiments, [{ 11: "12" }, { 11: "12", 21: "22" }]);
  });
});
