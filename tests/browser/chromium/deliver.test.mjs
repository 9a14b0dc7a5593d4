// aftercall/deliver in a page: what asks nobody for leave, what outlives the page, and what a page may not read.
import assert from "node:assert/strict";
import test from "node:test";
import { serveBeside, visit } from "../browser.mjs";
import { events, get, readable, v1 } from "../requests.mjs";

/**
 * A page with the module, and platforms that answer as told. `left` has what `fetch` was given.
 * @param {(world: { page: import("playwright-core").Page, url: string, arrived: string[], complaints: string[] }) => Promise<void>} run
 * @param {(url: string) => { status: number, headers?: Record<string, string> } | "abort"} answer
 */
const inPage = (run, answer) =>
  visit(async ({ page, url, complaints }) => {
    /** @type {string[]} */
    const arrived = [];
    await page.context().route(/^https:/, (route) => {
      const request = route.request();
      arrived.push(`${request.method()} ${request.url()}`);
      const told = answer(request.url());
      return told === "abort" ? route.abort() : route.fulfill(told);
    });
    await serveBeside(page, url, { "deliver.html": "<title>deliver</title>" });
    await page.goto(`${url}deliver.html`);
    await page.evaluate(async () => {
      const { fetch } = window;
      const left = [];
      window.fetch = (request) => {
        const { method, mode, keepalive, redirect, cache, credentials, headers } = request;
        left.push({ method, mode, keepalive, redirect, cache, credentials, headers: [...headers] });
        return fetch(request);
      };
      Object.assign(window, { left, deliver: await import("/dist/deliver.js") });
    });
    await run({ page, url, arrived, complaints });
  });

/** What became of requests, and how they left. */
const send = (page, requests, options) =>
  page.evaluate(
    async ([requests, options]) => {
      window.left.length = 0;
      const deliveries = await window.deliver.send(requests, options);
      return {
        outcomes: deliveries.map(({ outcome, status, attempts }) => [outcome, status, attempts]),
        left: window.left,
      };
    },
    [requests, options],
  );

test("a GET asks nobody and its answer is not read; JSON leaves as a platform's own script sends it", async () => {
  const answer = (url) =>
    url.includes("c.gif") ? { status: 200 } : { status: url.includes("logx") ? 204 : 200, headers: readable };
  await inPage(async ({ page, arrived }) => {
    const { outcomes, left } = await send(page, [get, events, v1]);
    assert.deepEqual(outcomes, [
      ["sent", undefined, 1],
      ["accepted", 204, 1],
      ["accepted", 200, 1],
    ]);
    const common = { keepalive: true, cache: "no-store", credentials: "same-origin" };
    assert.deepEqual(left, [
      { ...common, method: "GET", mode: "no-cors", redirect: "follow", headers: [] },
      {
        ...common,
        ...{ method: "POST", mode: "cors", redirect: "manual" },
        headers: [["content-type", "text/plain;charset=UTF-8"]],
      },
      { ...common, method: "POST", mode: "cors", redirect: "manual", headers: [["content-type", "application/json"]] },
    ]);
    assert.deepEqual(
      arrived.filter((line) => !line.startsWith("OPTIONS")),
      [get, events, v1].map(({ method, url }) => `${method} ${url}`),
    );
    assert.equal((await send(page, [get], { keepalive: false })).left[0].keepalive, false);
  }, answer);
});

test("what outlives the page is within the browser's quota", async () => {
  await inPage(
    async ({ page }) => {
      const sized = (size) => ({ ...events, body: "é".repeat(size / 2) });
      const { outcomes, left } = await send(page, [sized(65_536), sized(2), sized(70_000)]);
      assert.deepEqual(
        left.map(({ keepalive }) => keepalive),
        [true, false, false],
        "all in all 64 KiB",
      );
      assert.deepEqual(outcomes, Array(3).fill(["accepted", 204, 1]));
      const again = await send(page, [sized(40_000), sized(20_000), get]);
      assert.deepEqual(
        again.left.map(({ keepalive }) => keepalive),
        [true, true, true],
        "the quota is free again",
      );
    },
    () => ({ status: 204, headers: readable }),
  );
});

test("a failure that a browser does not explain is no proof that nothing arrived", async () => {
  await inPage(
    async ({ page, arrived, complaints }) => {
      const { outcomes } = await send(page, [get, events], { attempts: 2 });
      assert.deepEqual(outcomes, [
        ["unknown", undefined, 1],
        ["unknown", undefined, 2],
      ]);
      assert.equal(arrived.length, 3);
      await page.context().setOffline(true);
      const offline = await send(page, [get], { attempts: 1 });
      assert.deepEqual(offline.outcomes, [["unreachable", undefined, 1]]);
      assert.ok(complaints.length >= 4 && complaints.every((line) => /ERR_FAILED|ERR_INTERNET/.test(line)));
      complaints.length = 0;
    },
    () => "abort",
  );
});

test("verifyKameleoon reads its answer in a page and in a worker", async () => {
  const visits = [{ siteCode: "f17c21u1ag", visitorCode: "245fc", timeStarted: 1 }];
  await inPage(
    async ({ page, url }) => {
      const query = { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io", visitorCode: "245fc", goalId: 1 };
      const verdict = await page.evaluate((query) => window.deliver.verifyKameleoon(query), query);
      assert.deepEqual([verdict.state, verdict.visits], ["not-yet", visits]);
      const [{ mode, headers }] = await page.evaluate(() => window.left);
      assert.deepEqual([mode, headers], ["cors", []], "nobody is asked for leave");
      const inWorker = await page.evaluate(
        ([url, request]) => {
          const text = `import(${JSON.stringify(`${url}dist/deliver.js`)}).then(async ({ send }) => {
            const [{ outcome }] = await send([${JSON.stringify(request)}]);
            postMessage(outcome);
          }, (error) => postMessage(String(error)));`;
          const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), {
            type: "module",
          });
          return new Promise((resolve) => {
            worker.onmessage = ({ data }) => resolve(data);
          });
        },
        [url, get],
      );
      assert.equal(inWorker, "sent");
    },
    (url) => ({
      status: 200,
      headers: readable,
      body: url.includes("/visit/") ? JSON.stringify({ previousVisits: visits }) : "",
    }),
  );
});
