// Consent, cookie and timing in all three engines, on the test's own machine; chromium/consent.test.mjs has a site with
// subdomains, and tools that come late.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test from "node:test";
import { consentTools } from "../node/consent-tools.mjs";
import { ready, serveBeside, visit } from "./browser.mjs";

const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>${body}`;
const code = "l200u3djm8kovq4o";
const platform = `<script>document.cookie = "kameleoonVisitorCode=${code}"</script>`;
const stub = await readFile(createRequire(import.meta.url).resolve("@iabtcf/stub"), "utf8");

for (const [name, { install }] of Object.entries(consentTools)) {
  test(`${name}: nothing before consent, the cookie after it, nothing left when it is revoked`, async () => {
    await visit(async ({ page, url }) => {
      const before = name === "tcf" ? `<script>${stub}</script>` : "";
      const tool = `<script>({ ${install} }).install(window)</script>`;
      const body = `${platform}${before}<script src="/dist/aftercall.js" data-consent="${name}"></script>${tool}`;
      await serveBeside(page, url, { page: html(body) });
      await page.goto(`${url}page`);
      await ready(page);
      const seen = () =>
        page.evaluate(() => {
          const { token, visitor } = window.aftercall;
          const kept = document.cookie.split("; ").filter((pair) => pair.startsWith("aftercall"));
          return { token, kept, codes: visitor.problems.map((problem) => problem.code) };
        });
      const nothing = { token: "", kept: [], codes: ["no-consent"] };
      assert.deepEqual(await seen(), nothing);
      await page.evaluate(() => window.decide(true));
      await page.waitForFunction(() => window.aftercall.token !== "");
      const { token, kept, codes } = await seen();
      assert.deepEqual([kept, codes], [[`aftercall_ctx=${token}`], []]);
      await page.evaluate(() => window.decide(false));
      await page.waitForFunction(() => window.aftercall.token === "");
      assert.deepEqual(await seen(), nothing);
    });
  });
}

test("a new route reads again, and a platform that comes two seconds late reaches the tracker", async () => {
  await visit(async ({ page, url }) => {
    const body = `<script src="/dist/aftercall.js" data-consent="none" data-outlets="ctm"></script>
      <script>setTimeout(() => (document.cookie = "kameleoonVisitorCode=${code}"), 2000)</script>`;
    await serveBeside(page, url, { page: html(body) });
    await page.goto(`${url}page`);
    await page.waitForFunction(() => window.__ctm_cvars?.length === 1);
    const first = await page.evaluate(() => window.aftercall.token);
    assert.deepEqual(await page.evaluate(() => window.__ctm_cvars), [{ aftercall_ctx: first }]);
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: as platforms do
      document.cookie = "kameleoonVisitorCode=another1another2";
      history.pushState({}, "", "/next");
    });
    await page.waitForFunction(() => window.__ctm_cvars.length === 2);
    const { visitor, token } = await page.evaluate(() => ({ ...window.aftercall, token: window.aftercall.token }));
    assert.equal(visitor.kameleoon.visitorCode, "another1another2");
    assert.notEqual(token, first);
  });
});
