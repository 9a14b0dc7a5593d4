// Under policies that forbid WebAssembly, inline code and texts that become scripts: the twin runs, and says the same.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { capture, conversionBatches, conversionRequests } from "../../dist/index.js";
import { ask, casesOf } from "../vectors.mjs";
import { ready, serveBeside, visit } from "./browser.mjs";

/** What is asked of a build, and what it answers: [function, arguments, answer, the capture that the visitor is from]. */
function callsOf(file) {
  const calls = [];
  const contexts = [];
  const noting =
    (name, ask) =>
    (...args) => {
      const answer = ask(...args);
      const from = contexts.indexOf(args[0]);
      if (name === "capture") contexts.push(answer);
      // As text: an answer may hold what travels in no other way.
      calls.push([name, args, JSON.stringify(answer), from]);
      return answer;
    };
  const face = {
    capture: noting("capture", capture),
    conversionRequests: noting("conversionRequests", conversionRequests),
    // The script tag offers no batches.
    conversionBatches,
  };
  for (const { input, expected } of casesOf(file)) {
    const rule = typeof ask[file] === "function" ? ask[file] : ask[file][input.kind];
    // What is right is another test's question.
    try {
      rule(input, expected, face);
    } catch {}
  }
  return calls.filter(([, args]) => JSON.stringify(args) !== undefined);
}

const strict = [
  "default-src 'none'",
  "script-src 'self'",
  "img-src data:",
  "require-trusted-types-for 'script'",
  "trusted-types aftercall",
].join("; ");

const html = (attributes) =>
  `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><script src="/dist/aftercall.js" data-consent="none" ${attributes}></script>`;

test("the twin says what WebAssembly says, on every vector", async (t) => {
  await visit(async ({ page, url, complaints }) => {
    await serveBeside(page, url, {
      page: { headers: { "Content-Security-Policy": strict }, body: html(`data-engine="js"`) },
    });
    await page.goto(`${url}page`);
    await ready(page);
    await page.waitForFunction(() =>
      window.aftercall.diagnose().checks.some(({ name, ok }) => name === "engine" && ok),
    );
    assert.equal(await page.evaluate(() => document.querySelector("[data-engine]").dataset.engine), "js");
    let asked = 0;
    for (const file of Object.keys(ask)) {
      const calls = callsOf(file);
      asked += calls.length;
      const different = await page.evaluate((calls) => {
        const contexts = [];
        return calls.flatMap(([name, args, due, from]) => {
          const answer = window.aftercall[name](...(from < 0 ? args : [contexts[from], ...args.slice(1)]));
          if (name === "capture") contexts.push(answer);
          const said = JSON.stringify(answer);
          return said === due ? [] : [{ name, args, said, due }];
        });
      }, calls);
      assert.deepEqual(different, [], file);
    }
    assert.ok(asked > 500, `${asked}`);
    t.diagnostic(`${asked} calls`);
    assert.deepEqual(complaints, [], "nothing broke the policy");
  });
});

test("the twin is loaded only where it is needed", async () => {
  await visit(async ({ page, url, complaints }) => {
    const policies = { wasm: `${strict.replace("'self'", "'self' 'wasm-unsafe-eval'")}`, js: strict };
    for (const [engine, policy] of Object.entries(policies)) {
      await serveBeside(page, url, { page: { headers: { "Content-Security-Policy": policy }, body: html("") } });
      await page.goto(`${url}page`);
      await ready(page);
      await page.waitForFunction(
        (engine) => document.querySelector("[data-engine]")?.dataset.engine === engine,
        engine,
      );
      const loaded = await page.evaluate(() => [...document.scripts].filter(({ src }) => /nowasm/.test(src)).length);
      assert.equal(loaded, engine === "js" ? 1 : 0);
    }
    // The one try that the policy forbade.
    assert.ok(complaints.splice(0).length <= 1);
  });
});

test("dist/sri.json has the hash of every file that a page loads", async () => {
  const { createHash } = await import("node:crypto");
  const hashes = JSON.parse(await readFile(new URL("../../dist/sri.json", import.meta.url), "utf8"));
  const names = ["aftercall.js", "aftercall.outlets.js", "aftercall.debug.js", "aftercall.nowasm.js"];
  assert.deepEqual(Object.keys(hashes).sort(), names.sort());
  for (const [name, integrity] of Object.entries(hashes)) {
    const bytes = await readFile(new URL(`../../dist/${name}`, import.meta.url));
    assert.equal(`sha384-${createHash("sha384").update(bytes).digest("base64")}`, integrity, name);
  }
  await visit(async ({ page, url }) => {
    const body = html("").replace("<script ", `<script integrity="${hashes["aftercall.js"]}" `);
    await serveBeside(page, url, { page: body });
    await page.goto(`${url}page`);
    await ready(page);
  });
});
