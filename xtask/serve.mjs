// The demo's server: `www/demo/` at `/`, what the build made at `/dist/`, and where the simulator is at `/simulator.json`.
// Loopback only.
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const demo = join(project, "www", "demo");
const dist = join(project, "dist");

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ts": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * As strict as the demo can bear: everything from here, nothing inline; `wasm-unsafe-eval` lets the modules compile. The back
 * office also talks to the simulator.
 * @param {string} [simulator]
 */
export const policy = (simulator) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${simulator ? ` ${simulator}` : ""}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join("; ");

/**
 * Start the server. Port 0 takes a free one.
 * @param {{ port?: number, simulator?: string }} [options] `simulator`: its address, without a slash at the end.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` ends in a slash.
 */
export async function serve({ port = 0, simulator } = {}) {
  const headers = {
    "Cache-Control": "no-store", // a rebuilt file shows at the next reload
    "Content-Security-Policy": policy(simulator),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(request, response, simulator).catch(() => refuse(response, 500, "The file could not be read."));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {string} [simulator]
 */
async function answer(request, response, simulator) {
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405, "Only GET and HEAD.");
  if (request.url === "/simulator.json") {
    response.writeHead(200, { "Content-Type": types[".json"] });
    return response.end(JSON.stringify({ url: simulator ?? null }));
  }
  const file = await locate(request.url ?? "/");
  if (!file) return refuse(response, 404, "No such file.");
  const type = types[/** @type {keyof typeof types} */ (extname(file.path))] ?? "application/octet-stream";
  response.writeHead(200, { "Content-Type": type, "Content-Length": file.size });
  if (request.method === "HEAD") return response.end();
  createReadStream(file.path)
    .on("error", () => response.destroy())
    .pipe(response);
}

/**
 * The file that an address stands for, if there is one and it lies inside its folder. Comparing real paths settles `..`,
 * encoded slashes and symbolic links at once.
 * @param {string} target
 */
async function locate(target) {
  try {
    const path = decodeURIComponent(target.split(/[?#]/, 1)[0]);
    const [folder, rest] = path.startsWith("/dist/") ? [dist, path.slice("/dist/".length)] : [demo, path.slice(1)];
    const [root, real] = await Promise.all([realpath(folder), realpath(join(folder, rest || "index.html"))]);
    const found = await stat(real);
    return real.startsWith(root + sep) && found.isFile() ? { path: real, size: found.size } : undefined;
  } catch {
    return undefined; // not there, or not an address
  }
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {string} reason
 */
function refuse(response, status, reason) {
  if (!response.headersSent) response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(reason);
}
