// Pages that the browser keeps when they are left, and brings back as they were: really, not by made-up events.
import assert from "node:assert/strict";
import test from "node:test";
import { engine, ready, serveBeside, visit } from "./browser.mjs";

const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>${body}`;
const tag = `<script src="/dist/aftercall.js" data-consent="none" data-outlets="ctm"></script>`;

// WebKit's driver now and then waits without end for a page that goes while it is asked something.
const comesBack = { skip: engine === "webkit" };

test("a page that comes back as it was reads what another page changed, and tells the tracker", comesBack, async () => {
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, {
      landing: html(`<script>document.cookie = "kameleoonVisitorCode=another1another1"</script>${tag}`),
      elsewhere: html(`<script>document.cookie = "kameleoonVisitorCode=another1another2"</script>`),
    });
    await page.goto(`${url}landing`);
    await ready(page);
    await page.waitForFunction(() => window.__ctm_cvars?.length === 1);
    await page.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }));
    });
    await page.goto(`${url}elsewhere`);
    await page.evaluate(() => setTimeout(() => history.back()));
    // Nothing is asked of a page that goes.
    await page.waitForTimeout(1000);
    // Loaded anew it would know nothing of this listener.
    await page.waitForFunction(() => window.persisted);
    await page.waitForFunction(() => window.__ctm_cvars.length === 2);
    const { code, token, told } = await page.evaluate(() => ({
      code: window.aftercall.visitor.kameleoon.visitorCode,
      token: window.aftercall.token,
      told: window.__ctm_cvars.at(-1).aftercall_ctx,
    }));
    assert.deepEqual([code, told], ["another1another2", token]);
  });
});
