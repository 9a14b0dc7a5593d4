// aftercall/deliver in a page, with a stand-in that the page reaches by itself.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import test from "node:test";
import { visit } from "./browser.mjs";
import { events, get, readable, v1 } from "./requests.mjs";

/** A request as a stand-in sees it. */
const described = ({ method, url }) => `${method} ${new URL(url).pathname}${new URL(url).search} ${url}`;

/** A stand-in on this machine, which serves a page too. */
async function standIn() {
  const module = await readFile(new URL("../../dist/deliver.js", import.meta.url));
  const seen = [];
  const server = createServer(({ method, url, headers }, response) => {
    if (headers["aftercall-url"]) seen.push(`${method} ${url} ${headers["aftercall-url"]}`);
    const isModule = url === "/dist/deliver.js";
    response
      .writeHead(200, {
        ...readable,
        "Access-Control-Allow-Headers": "*",
        "Content-Type": isModule ? "text/javascript" : "text/html",
      })
      .end(isModule ? module : `<!doctype html><title>${method}</title><link rel="icon" href="data:,">`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { via: `http://127.0.0.1:${server.address().port}`, seen, close: () => server.close() };
}

test("what is sent as the page goes arrives", async () => {
  // Its own server stands in for the platforms: whom a page comes from it need not ask for leave.
  const { via, seen, close } = await standIn();
  try {
    await visit(async ({ page }) => {
      await page.goto(`${via}/page`);
      const requests = [get, events, v1];
      await page.evaluate(
        async ([requests, via]) => {
          const { send } = await import("/dist/deliver.js");
          addEventListener("pagehide", () => void send(requests, { via }));
        },
        [requests, via],
      );
      await page.goto(`${via}/next`);
      for (let waits = 0; seen.length < requests.length && waits < 50; waits++) await page.waitForTimeout(100);
      assert.deepEqual(seen.sort(), requests.map(described).sort());
    });
  } finally {
    close();
  }
});

test("a stand-in on this machine answers where a page can read it", async () => {
  const [home, other] = [await standIn(), await standIn()];
  try {
    await visit(async ({ page }) => {
      await page.goto(`${home.via}/page`);
      const outcomes = await page.evaluate(
        async ([requests, via]) => {
          const { send } = await import("/dist/deliver.js");
          return (await send(requests, { via })).map(({ outcome, status, attempts }) => [outcome, status, attempts]);
        },
        [[get, events], other.via],
      );
      assert.deepEqual(outcomes, [
        ["accepted", 200, 1],
        ["accepted", 200, 1],
      ]);
      assert.deepEqual([home.seen, other.seen.sort()], [[], [get, events].map(described).sort()]);
    });
  } finally {
    home.close();
    other.close();
  }
});
