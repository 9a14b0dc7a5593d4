// A browser with a fresh profile in front of the demo's server. Whatever leaves loopback or complains fails the test.
//
// ENGINE says which: chromium (that is the default), firefox or webkit. The tests in this folder run in all three, with
// what `Page` below has; those in chromium/ use more of Playwright than the other two can do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after } from "node:test";
import { simulate } from "../../xtask/command.mjs";
import { serve } from "../../xtask/serve.mjs";

/** @typedef {import("../../xtask/command.mjs").Simulator} Simulator */
/** @typedef {import("playwright-core").Page} Page In Firefox and WebKit: the parts of it that engines/page.mjs has. */

/** @type {"chromium" | "firefox" | "webkit"} */
export const engine = /** @type {any} */ (process.env.ENGINE || "chromium");

/** Where Firefox and WebKit send what is not for this machine, and WebKit the rest too. The first goes no further. */
async function dam() {
  const self = { complaints: /** @type {string[]} */ ([]), port: 0, close: () => server.close() };
  const refuse = (target, socket) => {
    // Firefox itself asks its makers a thing or two.
    if (!/\.(mozilla\.(com|org|net)|firefox\.com)\b|^update\.googleapis\.com/.test(target))
      self.complaints.push(`A request left the machine: ${target}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  };
  const server = createServer((asked, response) => {
    if (new URL(asked.url).hostname !== "127.0.0.1") return refuse(asked.url, asked.socket);
    const onward = request(asked.url, { method: asked.method, headers: asked.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    asked.pipe(onward);
  });
  server.on("connect", (asked, socket) => refuse(asked.url, socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  self.port = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  return self;
}

/** A browser starts when the first test wants one, and serves the whole file. */
let started;
const start = async () => {
  const outside = await dam();
  const { launch } = await import(`./engines/${engine}.mjs`);
  return { outside, browser: await launch({ proxy: outside.port }) };
};

after(async () => {
  const { browser, outside } = (await started) ?? {};
  await browser?.close();
  outside?.close();
});

/** WebKit's driver does not tell what the console says. */
const listener = `window.complaints = [];
for (const name of ["error", "warn"]) {
  const own = console[name];
  console[name] = (...said) => { complaints.push(said.join(" ")); own.apply(console, said); };
}
addEventListener("error", ({ message }) => complaints.push(message));
addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)));
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  complaints.push(effectiveDirective + " forbids " + blockedURI));
`;

/** Pages that tests put beside the demo's, by server. @type {Map<string, Map<string, { headers: object, body: string }>>} */
const beside = new Map();

/** The demo's server, and the pages beside it. */
async function serveAll(simulator) {
  const demo = await serve({ simulator });
  const pages = new Map();
  const answer = async (asked, response) => {
    const path = asked.url.slice(1).split(/[?#]/, 1)[0];
    const page = pages.get(path);
    let [status, headers, body] = page ? [200, page.headers, Buffer.from(page.body)] : [];
    if (engine === "webkit" && path === "complaints.js")
      [status, headers, body] = [200, { "Content-Type": "text/javascript" }, Buffer.from(listener)];
    if (!body) {
      const inner = await fetch(demo.url + asked.url.slice(1), { method: asked.method });
      [status, headers, body] = [
        inner.status,
        Object.fromEntries(inner.headers),
        Buffer.from(await inner.arrayBuffer()),
      ];
      delete headers["content-length"];
    }
    const {
      "Content-Type": type = headers["content-type"],
      "Content-Security-Policy": csp = headers["content-security-policy"],
    } = headers;
    if (engine === "webkit" && /html/.test(type) && (!csp || /script-src 'self'/.test(csp)))
      body = Buffer.from(String(body).replace(/<!doctype html>/i, `$&<script src="/complaints.js"></script>`));
    response.writeHead(status, headers).end(body);
  };
  const server = createServer((asked, response) => {
    answer(asked, response).catch((error) => response.destroy(error));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}/`;
  beside.set(url, pages);
  return {
    url,
    async close() {
      beside.delete(url);
      server.close();
      server.closeAllConnections();
      await demo.close();
    },
  };
}

/**
 * Open a browser, run the visit, close it, and check that nothing went out and nothing complained.
 * @param {(visit: { page: Page, url: string, complaints: string[], simulator?: Simulator }) => Promise<void>} run `url` ends
 *   in a slash. A test that expects complaints takes them out of the list.
 * @param {import("playwright-core").BrowserContextOptions & { preferences?: object, simulated?: boolean }} [options] All but
 *   `viewport` and `simulated` is for Chromium. `preferences`: what the user has set in the browser, as its profile keeps it.
 *   `simulated`: with a simulator; the command must have been compiled.
 */
export async function visit(run, { simulated = false, ...options } = {}) {
  const simulator = simulated ? await simulate() : undefined;
  const server = await serveAll(simulator?.url);
  /** @type {string[]} */
  const complaints = [];
  try {
    started ??= start();
    const { browser, outside } = await started;
    outside.complaints = complaints;
    const visitor = await browser.open({ complaints, viewport: { width: 1280, height: 900 }, ...options });
    try {
      await run({ page: visitor.page, url: server.url, complaints, simulator });
    } finally {
      await visitor.close();
    }
  } finally {
    await server.close();
    await simulator?.close();
  }
  assert.deepEqual(complaints, []);
}

/**
 * Pages of the test's own, beside the demo's: path → HTML, or headers and HTML. They come without a content security
 * policy, unless their headers have one.
 * @param {Page} _page
 * @param {string} url The server's.
 * @param {Record<string, string | { headers?: Record<string, string>, body: string }>} pages
 */
export async function serveBeside(_page, url, pages) {
  for (const [path, page] of Object.entries(pages)) {
    const { headers = {}, body } = typeof page === "string" ? { body: page } : page;
    beside.get(url)?.set(path, { headers: { "Content-Type": "text/html; charset=utf-8", ...headers }, body });
  }
}

/** Until the script tag has run. */
export const ready = (/** @type {Page} */ page) =>
  page.waitForFunction(() => window.aftercall && !Array.isArray(window.aftercall));
