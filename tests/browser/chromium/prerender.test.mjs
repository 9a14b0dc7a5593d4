// A page that Chromium loads before anybody sees it. Chromium does so only where no driver holds its strings: the pages go on
// by themselves, and tell the test's server what they saw.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "node:test";
import { flags } from "../engines/chromium.mjs";

const html = (body) => `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>${body}`;

const rules = { prerender: [{ source: "list", urls: ["/next"], eagerness: "immediate" }] };
const before = `<script>document.cookie = "kameleoonVisitorCode=l200u3djm8kovq4o"</script>
  <script type="speculationrules">${JSON.stringify(rules)}</script>
  <script>addEventListener("storage", ({ key }) => key === "loaded" && location.assign("/next"))</script>`;

const next = `<script src="/dist/aftercall.js" data-consent="none" data-outlets="ctm"></script><script>
  const seen = () => ({
    hidden: document.prerendering,
    read: window.aftercall.token !== "",
    cookie: /aftercall_ctx=/.test(document.cookie),
    told: window.__ctm_cvars?.length ?? 0,
  });
  const tell = (what) => fetch("/told", { method: "POST", body: JSON.stringify(what) });
  // Long enough for the tag to look again, and for what it loads.
  setTimeout(() => {
    const hidden = seen();
    document.addEventListener("prerenderingchange", () => {
      const timer = setInterval(() => {
        if (!window.__ctm_cvars?.length) return;
        clearInterval(timer);
        tell([hidden, seen()]);
      }, 50);
    });
    if (document.prerendering) localStorage.loaded = 1;
    else tell([hidden]);
  }, 1000);
</script>`;

test("a page that nobody sees yet is read, and nothing is written or handed on before somebody does", async () => {
  const profile = await mkdtemp(join(tmpdir(), "aftercall-prerender-"));
  let tell;
  const told = new Promise((resolve) => (tell = resolve));
  const server = createServer(async (request, response) => {
    const [, file] = /^\/dist\/([\w.]+\.js)$/.exec(request.url) ?? [];
    if (request.url === "/told") tell(JSON.parse(await text(request)));
    if (file) response.setHeader("Content-Type", "text/javascript");
    else response.setHeader("Content-Type", "text/html");
    const pages = { "/before": html(before), "/next": html(next) };
    response.end(file ? await readFile(new URL(`../../../dist/${file}`, import.meta.url)) : pages[request.url]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = spawn(
    process.env.CHROMIUM || "/usr/bin/chromium",
    [...flags.split(" "), `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/before`],
    { stdio: "ignore" },
  );
  const ended = once(browser, "close");
  try {
    const late = new Promise((_, reject) => setTimeout(reject, 30_000, new Error("The page told nothing.")).unref());
    assert.deepEqual(await Promise.race([told, late]), [
      { hidden: true, read: true, cookie: false, told: 0 },
      { hidden: false, read: true, cookie: true, told: 1 },
    ]);
  } finally {
    browser.kill("SIGKILL");
    await ended;
    server.close();
    server.closeAllConnections();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
