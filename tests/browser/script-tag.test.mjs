// The built script tag in a real page: when it captures, its queue, and pages that make life hard for it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { engine, ready, serveBeside, visit } from "./browser.mjs";

const dist = new URL("../../dist/aftercall.js", import.meta.url);
const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,">${body}`;
const code = "l200u3djm8kovq4o";
const cookie = `<script>document.cookie = "kameleoonVisitorCode=${code}"</script>`;

test("the page is captured in the task in which the script runs", async () => {
  const source = await readFile(dist, "utf8");
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, { page: html(cookie) });
    await page.goto(`${url}page`);
    // One task from the first line to the last: nothing else can run in between.
    const seen = await page.evaluate((text) => {
      document.head.append(Object.assign(document.createElement("script"), { textContent: text }));
      const { visitor, token } = window.aftercall;
      return { code: visitor.kameleoon?.visitorCode, token, problems: visitor.problems };
    }, source);
    assert.equal(seen.code, code);
    assert.match(seen.token, /^[A-Za-z][A-Za-z0-9._~-]*$/);
    assert.deepEqual(seen.problems, []);
  });
});

test("callbacks queued before the script run in order, and one that throws stops none", async () => {
  await visit(async ({ page, url }) => {
    const queue = `<script>
      window.calls = [];
      document.addEventListener("aftercall:ready", (event) => calls.push(["ready", event.detail === window.aftercall]));
      window.aftercall = [(tag) => calls.push(["first", tag.token]), () => { throw new Error("the site's own"); }];
      window.aftercall.push((tag) => tag.watch(({ token }) => calls.push(["watched", token])));
    </script>`;
    await serveBeside(page, url, { page: html(`${cookie}${queue}<script async src="/dist/aftercall.js"></script>`) });
    await page.goto(`${url}page`);
    await ready(page);
    const { calls, token } = await page.evaluate(async () => {
      const tag = window.aftercall;
      tag.push(() => window.calls.push(["late", tag.token]));
      window.calls.push(["promised", (await tag.ready) === tag]);
      return { calls: window.calls, token: tag.token };
    });
    assert.notEqual(token, "");
    assert.deepEqual(calls, [
      ["first", token],
      ["watched", token],
      ["ready", true],
      ["late", token],
      ["promised", true],
    ]);
    assert.match(JSON.stringify(await page.evaluate(() => window.aftercall.diagnose())), /the site's own/);
  });
});

test("loaded twice, it is there once", async () => {
  await visit(async ({ page, url }) => {
    const body = `${cookie}
      <script>
        window.aftercall = [() => (window.called = (window.called ?? 0) + 1)];
        document.addEventListener("aftercall:ready", () => (window.readied = (window.readied ?? 0) + 1));
      </script>
      <script src="/dist/aftercall.js"></script>
      <script>window.first = window.aftercall</script>
      <script src="/dist/aftercall.js"></script>
      <script async src="/dist/aftercall.js?again"></script>`;
    await serveBeside(page, url, { page: html(body) });
    await page.goto(`${url}page`, { waitUntil: "load" });
    const seen = await page.evaluate(() => ({
      same: window.first === window.aftercall,
      called: window.called,
      readied: window.readied,
      code: window.aftercall.visitor.kameleoon.visitorCode,
    }));
    assert.deepEqual(seen, { same: true, called: 1, readied: 1, code });
  });
});

test("a platform that decides late is seen when the page is left", async () => {
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, { page: html(`<script src="/dist/aftercall.js"></script>`) });
    await page.goto(`${url}page`);
    await page.evaluate(() => {
      window.tokens = [];
      window.aftercall.watch(({ token }) => window.tokens.push(token));
    });
    // By the page itself, as the platform does: what a driver puts into the jar, a page may see later.
    const tokens = await page.evaluate((code) => {
      // biome-ignore lint/suspicious/noDocumentCookie: as platforms do
      document.cookie = `kameleoonVisitorCode=${code}; path=/`;
      document.dispatchEvent(new Event("visibilitychange"));
      window.dispatchEvent(new PageTransitionEvent("pageshow"));
      return window.tokens;
    }, code);
    assert.equal(tokens[0], "");
    assert.equal(tokens.length, 1 + 1, "one change, told once");
    assert.notEqual(tokens[1], "");
  });
});

test("a sandboxed frame without cookies and storage gets an answer, not an error", async () => {
  // Inline: Chromium keeps frames without an origin from loading anything off loopback.
  const source = await readFile(dist, "utf8");
  await visit(async ({ page, url }) => {
    const inner = `<script>${source}</script><script>
      const { visitor, token } = window.aftercall;
      parent.postMessage({ visitor, token, plan: window.aftercall.conversionRequests(visitor, { id: "1", kameleoon: { goalId: 1 } }) }, "*");
    </script>`;
    const outer = `<script>addEventListener("message", ({ data }) => (window.answer = data))</script>
      <iframe sandbox="allow-scripts" src="/inner" title="Sandbox"></iframe>`;
    await serveBeside(page, url, { inner: html(inner), outer: html(outer) });
    await page.goto(`${url}outer`);
    await page.waitForFunction(() => window.answer);
    const { visitor, token, plan } = await page.evaluate(() => window.answer);
    const { capturedAt, problems, ...platforms } = visitor;
    assert.deepEqual(platforms, {});
    assert.equal(typeof capturedAt, "number");
    assert.ok(Array.isArray(problems));
    assert.equal(token, "");
    assert.deepEqual(plan.requests, []);
    assert.deepEqual(
      plan.skipped.map(({ platform }) => platform),
      ["kameleoon"],
    );
  });
});

test("where the browser blocks cookies, the shop stays open", { skip: engine !== "chromium" }, async () => {
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await visit(
    async ({ page, url }) => {
      await page.goto(url);
      await ready(page);
      assert.equal(await page.evaluate(() => document.cookie), "");
      assert.equal(await page.evaluate(() => window.aftercall.token), "");
      await page.getByText("Nothing to hand on").waitFor();
      await page.locator("#call").click();
      await page.getByText("This browser keeps nothing").waitFor();
      for (const path of ["settings.html", "backoffice.html"]) {
        await page.goto(url + path);
        await ready(page);
      }
      await page.getByText("Nobody has called yet.").waitFor();
    },
    { preferences },
  );
});

test("where a policy forbids WebAssembly, its twin in JavaScript runs, and says the same", async () => {
  await visit(async ({ page, url, complaints }) => {
    const seen = async (policy, attributes = "") => {
      await serveBeside(page, url, {
        // Somewhere else, for the page itself may run nothing inline.
        before: html(cookie),
        strict: {
          headers: { "Content-Security-Policy": policy },
          body: html(`<script nonce="R4nd0m" src="/dist/aftercall.js" ${attributes}></script>`),
        },
      });
      await page.goto(`${url}before`);
      await page.goto(`${url}strict`);
      await ready(page);
      await page.waitForFunction(() => window.aftercall.token !== "");
      return page.evaluate(() => {
        const { visitor, token } = window.aftercall;
        const { engine } = document.querySelector("script[src*=dist]").dataset;
        return [engine, token, visitor.problems, visitor.kameleoon.visitorCode];
      });
    };
    // As the readme has them.
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const policies = readme.match(/(?<=^Content-Security-Policy: ).+$/gm);
    assert.equal(policies.length, 3);
    const [, ...expected] = await seen(policies[0]);
    assert.equal(expected[2], code);
    for (const policy of policies) {
      assert.deepEqual(await seen(policy), ["wasm", ...expected], policy);
      assert.deepEqual(await seen(policy.replace(" 'wasm-unsafe-eval'", "")), ["js", ...expected], policy);
      // The browser reports the violation: once, not once a call.
      assert.ok(complaints.splice(0).length <= 1);
    }
    assert.deepEqual(await seen("script-src 'self'", `data-engine="js"`), ["js", ...expected]);
    assert.deepEqual(complaints, [], "who asks for it has no violation at all");
  });
});

test("files beside the script: once, with their hashes, the nonce, and under a strict policy", async () => {
  const hashes = JSON.parse(await readFile(new URL("../../dist/sri.json", import.meta.url), "utf8"));
  const policy =
    "script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types aftercall";
  await visit(async ({ page, url }) => {
    await serveBeside(page, url, {
      strict: {
        headers: { "Content-Security-Policy": policy },
        body: html(
          `<script nonce="abc" async src="/dist/aftercall.js" data-consent="none" data-outlets="auto"></script>`,
        ),
      },
    });
    await page.goto(`${url}strict?aftercall_debug=1`);
    await ready(page);
    await page.waitForFunction(() => [...document.scripts].filter((it) => "handed" in it).length === 2);
    const seen = await page.evaluate(() =>
      [...document.scripts].slice(1).map(({ src, integrity, nonce }) => [new URL(src).pathname, integrity, nonce]),
    );
    assert.deepEqual(seen.sort(), [
      ["/dist/aftercall.debug.js", hashes["aftercall.debug.js"], "abc"],
      ["/dist/aftercall.outlets.js", hashes["aftercall.outlets.js"], "abc"],
    ]);
  });
});

test("a file beside the script that was altered does not run, and diagnose says so", async () => {
  await visit(async ({ page, url, complaints }) => {
    await serveBeside(page, url, {
      page: html(`<script src="/dist/aftercall.js" data-consent="none" data-outlets="cookie"></script>`),
      "dist/aftercall.outlets.js": { headers: { "Content-Type": "text/javascript" }, body: "window.altered = true" },
    });
    await page.goto(`${url}page`);
    await page.waitForFunction(() => !window.aftercall.diagnose().ok);
    assert.match(JSON.stringify(await page.evaluate(() => window.aftercall.diagnose())), /did not load/);
    assert.equal(await page.evaluate(() => "altered" in window), false);
    // WebKit tells only whoever sits in front of it.
    if (engine !== "webkit") assert.match(complaints.splice(0).join(), /integrity/);
  });
});
