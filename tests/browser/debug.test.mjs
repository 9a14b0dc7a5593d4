// The overlay of ?aftercall_debug=1: what it says, under the strictest policy, and that nobody sees it who did not ask.
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { ready, serveBeside, visit } from "./browser.mjs";

/** Nothing inline, no eval, no style but files', no text that becomes a script. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'nonce-abc' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src data:",
  "require-trusted-types-for 'script'",
  "trusted-types aftercall",
].join("; ");

/** The tests see what is in the closed tree, by the one way there is: they were there when it was made. */
const peek = `<script nonce="abc">
  const { attachShadow } = Element.prototype;
  window.modes = [];
  Element.prototype.attachShadow = function (options) {
    modes.push(options.mode);
    return (window.tree = attachShadow.call(this, options));
  };
</script>`;

const page = (attributes, before = "") => ({
  headers: { "Content-Security-Policy": policy },
  body: `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><h1>A page</h1>${peek}
    <script nonce="abc">${before}</script>
    <script nonce="abc" src="/dist/aftercall.js" ${attributes}></script>`,
});

const cookies = `document.cookie = "kameleoonVisitorCode=l200u3djm8kovq4o";
  document.cookie = "_vwo_uuid=D11BD6ED27A63F845ADFCBA2D9AA7835C";
  document.cookie = "_vis_opt_exp_21_combi=2";`;

const seen = (page) =>
  page.evaluate(() => ({
    verdict: window.tree.querySelector("[role=status]").textContent,
    platforms: [...window.tree.querySelectorAll(".platforms li")].map((one) =>
      [...one.childNodes].map((node) => node.textContent).join(": "),
    ),
    failed: [...window.tree.querySelectorAll(".failed b")].map((one) => one.textContent),
    checks: window.tree.querySelectorAll(".checks li").length,
    token: window.tree.querySelector("code")?.textContent ?? "",
  }));

test("it shows platforms, checks and the token, in a closed tree, under a strict policy; and goes without a trace", async (t) => {
  await visit(async ({ page: tab, url, complaints }) => {
    await serveBeside(tab, url, { page: page(`data-consent="none" data-outlets="cookie ctm"`, cookies) });
    await tab.goto(`${url}page?aftercall_debug=1`);
    await ready(tab);
    await tab.waitForFunction(() => window.tree?.querySelector(".checks li"));
    const { checks, token } = await tab.evaluate(() => ({
      checks: window.aftercall.diagnose().checks,
      token: window.aftercall.token,
    }));
    await tab.waitForFunction(
      (count) => window.tree.querySelectorAll(".checks li").length === count,
      (await tab.evaluate(() => window.aftercall.diagnose().checks.length)) || checks.length,
    );
    const shown = await seen(tab);
    assert.deepEqual(shown.platforms, [
      "Optimizely: Not on this page",
      "VWO: 1 experiment",
      "Kameleoon: Visitor, no experiment",
      "Convert: Not on this page",
    ]);
    assert.equal(shown.token, token);
    const closed = await tab.evaluate(() => ({
      modes: window.modes,
      root: document.querySelector("aftercall-debug").shadowRoot,
      styled: getComputedStyle(window.tree.querySelector("section")).position,
      named: window.tree.querySelector("section").getAttribute("aria-labelledby"),
      focused: document.activeElement === document.body,
    }));
    assert.deepEqual(closed, { modes: ["closed"], root: null, styled: "fixed", named: "title", focused: true });

    // It follows what happens.
    await tab.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: as platforms do
      document.cookie = "optimizelyEndUserId=oeu1403497108674r0.68";
      window.aftercall.refresh();
    });
    await tab.waitForFunction(() => /Optimizely.*Visitor/.test(window.tree.querySelector(".platforms").textContent));

    const folder = await mkdtemp(join(tmpdir(), "aftercall-overlay-"));
    await writeFile(join(folder, "overlay.png"), await tab.screenshot());
    t.diagnostic(`The picture is in ${folder}.`);

    await tab.evaluate(() => window.tree.querySelector("button").click());
    assert.equal(await tab.evaluate(() => document.querySelector("aftercall-debug")), null);
    assert.deepEqual(complaints, []);
  });
});

test("what does not work comes first, with what to do; Escape closes", async () => {
  await visit(async ({ page: tab, url }) => {
    await serveBeside(tab, url, { page: page("") });
    await tab.goto(`${url}page?aftercall_debug=1`);
    await ready(tab);
    await tab.waitForFunction(() => window.tree?.querySelector(".failed"));
    const shown = await seen(tab);
    assert.match(shown.verdict, /^\d to look at$/);
    assert.ok(shown.failed.includes("Consent"), `${shown.failed}`);
    const first = await tab.evaluate(() => window.tree.querySelector(".checks li").className);
    assert.equal(first, "failed");
    await tab.evaluate(() => window.tree.querySelector("button").focus());
    await tab.keyboard.press("Escape");
    assert.equal(await tab.evaluate(() => document.querySelector("aftercall-debug")), null);
  });
});

test("who did not ask for it does not see it, nor loads it", async () => {
  await visit(async ({ page: tab, url }) => {
    await serveBeside(tab, url, { page: page(`data-consent="none"`) });
    for (const address of ["page", "page?aftercall_debug=0", "page?xaftercall_debug=1", "page?aftercall_debug=10"]) {
      await tab.goto(url + address);
      await ready(tab);
      await tab.waitForTimeout(100);
      const found = await tab.evaluate(() => [window.tree, document.querySelectorAll("[src*=debug]").length]);
      assert.deepEqual(found, [undefined, 0], address);
    }
  });
});
