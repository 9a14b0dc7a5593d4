// The demo's server: files of two folders, nothing else, and headers that a browser takes seriously.
import assert from "node:assert/strict";
import { request } from "node:http";
import test from "node:test";
import { policy, serve } from "../../xtask/serve.mjs";

/**
 * A request as it is written here: `fetch` would tidy the path up first.
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: string }>}
 */
const ask = (url, path, method = "GET") =>
  new Promise((resolve, reject) => {
    const { port } = new URL(url);
    request({ host: "127.0.0.1", port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });

test("pages, scripts and the built file come with their types and a policy", async () => {
  const server = await serve();
  try {
    const types = {
      "/": "text/html; charset=utf-8",
      "/settings.html?query#hash": "text/html; charset=utf-8",
      "/shop.js": "text/javascript; charset=utf-8",
      "/shop.css": "text/css; charset=utf-8",
      "/icon.svg": "image/svg+xml",
      "/dist/aftercall.js": "text/javascript; charset=utf-8",
      "/dist/aftercall.wasm": "application/wasm",
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await ask(server.url, path);
      assert.equal(status, 200, path);
      assert.equal(headers["content-type"], type);
      assert.equal(headers["content-security-policy"], policy());
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
    assert.match((await ask(server.url, "/")).body, /^<!doctype html>/);
    const head = await ask(server.url, "/", "HEAD");
    assert.equal(head.body, "");
    assert.ok(Number(head.headers["content-length"]) > 0);
  } finally {
    await server.close();
  }
});

test("the pages hear where the simulator is, and may talk to it and to nobody else", async () => {
  const simulator = "http://127.0.0.1:8788";
  for (const [options, url] of [
    [{ simulator }, simulator],
    [{}, null],
  ]) {
    const server = await serve(options);
    try {
      const { headers, body } = await ask(server.url, "/simulator.json");
      assert.deepEqual(JSON.parse(body), { url });
      const [, allowed] = /connect-src ([^;]*)/.exec(headers["content-security-policy"]);
      assert.equal(allowed, url ? `'self' ${url}` : "'self'");
    } finally {
      await server.close();
    }
  }
});

test("nothing outside the two folders comes out", async () => {
  const server = await serve();
  try {
    const paths = [
      "/../../package.json",
      "/%2e%2e/%2e%2e/package.json",
      "/..%2f..%2fpackage.json",
      "/dist/../package.json",
      "/dist/..%2f..%2fpackage.json",
      "//etc/passwd",
      "/dist/%00",
      "/%",
      "/dist/",
      "/dist",
      "/nothing.html",
    ];
    for (const path of paths) assert.equal((await ask(server.url, path)).status, 404, path);
    for (const method of ["POST", "PUT", "DELETE"]) assert.equal((await ask(server.url, "/", method)).status, 405);
  } finally {
    await server.close();
  }
});
