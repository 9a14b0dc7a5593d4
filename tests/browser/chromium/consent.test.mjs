// The script tag's consent, cookie and timing in a real browser, on a site with subdomains below a public suffix.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test from "node:test";
import { consentTools } from "../../node/consent-tools.mjs";
import { ready, visit } from "../browser.mjs";

const dist = (name) => readFile(new URL(`../../../dist/${name}`, import.meta.url), "utf8");
const stub = await readFile(createRequire(import.meta.url).resolve("@iabtcf/stub"), "utf8");
const site = "https://www.shop.co.uk/";
const code = "l200u3djm8kovq4o";

/** @typedef {import("playwright-core").Page} Page */

/** Counts what is read and written, from the first script on. */
const watching = `<script>
  const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  window.touched = [];
  Object.defineProperty(document, "cookie", {
    get() { touched.push("read"); return get.call(document); },
    set(line) { touched.push(line); set.call(document, line); },
  });
</script>`;

/**
 * The site: every path gives this body, beside the files of dist/.
 * @param {Page} page
 * @param {string} body
 */
async function serve(page, body) {
  await page.unrouteAll();
  await page.route(`${site}**`, async (route) => {
    const [, name] = new URL(route.request().url()).pathname.match(/^\/dist\/(.+)$/) ?? [];
    if (name) return route.fulfill({ contentType: "text/javascript", body: await dist(name) });
    const head = `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,">`;
    return route.fulfill({ contentType: "text/html", body: `${head}<body>${body}` });
  });
}

const tag = (attributes) => `<script src="/dist/aftercall.js" ${attributes}></script>`;
/** A platform's cookie, as an earlier page left it. */
const platform = (page, value = code) =>
  page.context().addCookies([{ name: "kameleoonVisitorCode", value, domain: ".shop.co.uk", path: "/" }]);
const ours = async (page) => {
  const cookies = await page.context().cookies();
  return cookies
    .filter(({ name }) => name.startsWith("aftercall"))
    .map(({ domain, secure, sameSite }) => [domain, secure, sameSite]);
};
const token = (page) => page.evaluate(() => window.aftercall.token);
const due = (page) => page.waitForFunction(() => window.aftercall.token !== "");

for (const [name, { install }] of Object.entries(consentTools)) {
  test(`${name}: nothing is read before consent, the landing page counts after it, and revoking takes all back`, async () => {
    await visit(async ({ page }) => {
      await platform(page);
      const tool = (stored) => `<script>({ ${install} }).install(window, ${stored})</script>`;
      const before = name === "tcf" ? `<script>${stub}</script>` : "";
      const arrived = `${site}?_conv_v=vi:url*sc:1&_conv_s=si:1*sh:2`;

      await serve(page, `${watching}${before}${tool()}${tag(`data-consent="${name}"`)}`);
      await page.goto(arrived);
      await ready(page);
      await page.evaluate(() => history.pushState({}, "", "/elsewhere"));
      assert.deepEqual(await page.evaluate(() => window.touched), []);
      assert.equal(await token(page), "");
      await page.evaluate(() => window.decide(true));
      await due(page);
      const { kameleoon, convert } = await page.evaluate(() => window.aftercall.visitor);
      assert.deepEqual([kameleoon.visitorCode, convert.visitorId], [code, "url"]);
      assert.deepEqual(await ours(page), [[".shop.co.uk", true, "Lax"]]);
      assert.equal((await page.evaluate(() => window.aftercall.diagnose().checks))[0].ok, true);

      // What the server, or an older release, wrote for this host alone goes too. In one task: the next look would tidy up.
      const both = await page.evaluate(() => {
        // biome-ignore lint/suspicious/noDocumentCookie: as pages do
        document.cookie = "aftercall_ctx=Aold; Path=/; Secure";
        const { length } = document.cookie.match(/aftercall_ctx=/g);
        window.decide(false);
        return length;
      });
      assert.equal(both, 2);
      await page.waitForFunction(() => window.aftercall.token === "");
      assert.deepEqual(await ours(page), []);

      // The tool comes a second after the tag, with what was decided before.
      await serve(
        page,
        `${before}${tag(`async data-consent="${name}"`)}<script>setTimeout(() => ({ ${install} }).install(window, true), 1000)</script>`,
      );
      await page.goto(site);
      await due(page);
      assert.equal((await ours(page)).length, 1);
    });
  });
}

test("without data-consent, and where the browser asks for privacy, nothing is written", async () => {
  await visit(async ({ page }) => {
    await platform(page);
    await serve(page, `${watching}${tag("")}`);
    await page.goto(site);
    await due(page);
    assert.deepEqual(await page.evaluate(() => window.touched.filter((it) => it !== "read")), []);
    assert.match(JSON.stringify(await page.evaluate(() => window.aftercall.diagnose())), /data-consent is missing/);

    const asks = `<script>Object.defineProperty(navigator, "globalPrivacyControl", { value: true })</script>`;
    await serve(page, `${asks}${watching}${tag(`data-consent="none"`)}`);
    await page.goto(site);
    await ready(page);
    assert.deepEqual(await page.evaluate(() => [window.aftercall.token, ...window.touched]), ["", "read"]);
    assert.deepEqual(await ours(page), []);
  });
});

test("a platform that loads two seconds after us reaches the tracker, and says so itself or not", async () => {
  await visit(async ({ page }) => {
    const write = `document.cookie = "kameleoonVisitorCode=${code}; Path=/"`;
    const late = {
      silent: write,
      // As Kameleoon's engine does: it takes over the queue, and runs what was pushed.
      Kameleoon: `const queue = window.kameleoonQueue; window.kameleoonQueue = { push: (run) => run() };
        queue.forEach((run) => run()); ${write}`,
    };
    for (const [name, program] of Object.entries(late)) {
      await page.context().clearCookies();
      const queue = name === "silent" ? "" : "<script>window.kameleoonQueue = []</script>";
      const body = `${queue}${tag(`data-consent="none" data-outlets="ctm"`)}
        <script>setTimeout(() => { ${program} }, 2000)</script>`;
      await serve(page, body);
      await page.goto(site);
      await page.waitForFunction(() => window.__ctm_cvars?.length, undefined, { timeout: 5000 });
      assert.deepEqual(await page.evaluate(() => window.__ctm_cvars), [{ aftercall_ctx: await token(page) }], name);
    }
  });
});

test("a new route and a document opened anew: read again, told once", async () => {
  await visit(async ({ page }) => {
    await serve(page, tag(`data-consent="none"`));
    await page.goto(site);
    await ready(page);
    const changes = () => page.evaluate(() => window.changes);
    await page.evaluate(() => {
      window.changes = 0;
      window.aftercall.watch(() => window.changes++);
    });
    await platform(page);
    await page.evaluate(() => history.pushState({}, "", "/a"));
    await due(page);
    for (const path of ["/b", "/c"]) await page.evaluate((path) => history.replaceState({}, "", path), path);
    await page.waitForTimeout(500);
    assert.equal(await changes(), 2, "at once, and for the one change");

    await page.evaluate(() => {
      document.open();
      document.write("<!doctype html><title>New</title><p>New");
      document.close();
    });
    await platform(page, "another1another2");
    // The next look finds the listeners gone, and listens again.
    await page.waitForFunction(() => window.aftercall.visitor.kameleoon?.visitorCode === "another1another2");
    await platform(page, "third1third2thir");
    await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    assert.equal(await page.evaluate(() => window.aftercall.visitor.kameleoon.visitorCode), "third1third2thir");
    assert.equal(await changes(), 4);
  });
});

test("a sandboxed frame with consent: a problem, no exception", async () => {
  // Inline: Chromium keeps frames without an origin from loading anything off loopback.
  const source = await dist("aftercall.js");
  await visit(async ({ page }) => {
    const inner = `<script>window.aftercallConfig = { consent: "none" }</script><script>${source}</script>
      <script>parent.postMessage({ codes: aftercall.visitor.problems.map((it) => it.code), checks: aftercall.diagnose().checks }, "*")</script>`;
    await page.route(`${site}**`, (route) => {
      const framed = route.request().url().endsWith("inner");
      const outer = `<script>addEventListener("message", ({ data }) => (window.answer = data))</script>
        <iframe sandbox="allow-scripts" src="/inner" title="Sandbox"></iframe>`;
      const body = `<!doctype html><title>Test</title><link rel="icon" href="data:,">${framed ? inner : outer}`;
      return route.fulfill({ contentType: "text/html", body });
    });
    await page.goto(site);
    await page.waitForFunction(() => window.answer);
    const { codes, checks } = await page.evaluate(() => window.answer);
    assert.deepEqual(codes, ["storage-blocked"]);
    assert.equal(checks.find(({ name }) => name === "token").ok, false);
  });
});
