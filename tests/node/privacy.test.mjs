// What PRIVACY.md says is read, kept and handed on is what the code reads, keeps and hands on; and the recipes that keep the
// cookie do.
import assert from "node:assert/strict";
import { createServer, get } from "node:http";
import test from "node:test";
import { Miniflare } from "miniflare";
import { block, chapters, quoted, read, rows } from "./documents.mjs";
import { started } from "./tag-page.mjs";

const privacy = chapters(read("PRIVACY.md"));
const recipes = chapters(read("docs/server-cookie.md"));
const unique = (names) => [...new Set(names)].sort();
/** Of a name with a gap, what stands in the code. */
const stem = (name) => name.split("…").reduce((longest, part) => (part.length > longest.length ? part : longest));

test("the names that are read are those of the code, and no others", () => {
  const files = ["optimizely/visitor", "optimizely/web", "vwo/visitor", "kameleoon/visitor", "convert/visitor"];
  const sources = [...files.map((file) => `src/platform/${file}.rs`), "src/call_trackers.rs"];
  const code = sources
    .map((file) =>
      read(file)
        .split("#[cfg(test)]")[0]
        .replace(/^\s*\/\/.*$/gm, ""),
    )
    .join("\n");
  const name =
    /"((?:optimizely|_vwo_|_vis_|_wingify_|kameleoon|_conv_|convert_|calltrk_|__ctm|ictf_|invoca_s|adi|wc_)[\w$-]*)"/g;
  const inCode = unique([...code.matchAll(name)].map(([, name]) => name));
  assert.ok(inCode.length > 25, "the pattern still finds them");
  const named = rows(privacy.get("What is read")).flatMap(([, names]) => quoted(names));
  assert.deepEqual(unique(named.map(stem)), inCode);
});

test("the cookies that are kept are those that the tag writes, for as long as it says", () => {
  const kept = rows(privacy.get("What is kept"));
  const written = (dataset, visitorCode) =>
    started({ dataset: { consent: "none", ...dataset }, page: { kameleoon: { visitorCode } } }).jar.cookies;
  const [first, ...others] = written({}, "x".repeat(8 * 254 + 200));
  assert.equal(first.name, quoted(kept[0][0])[0]);
  assert.deepEqual(quoted(kept[1][0]), [others.at(0).name, others.at(-1).name]);
  const days = Number(first["Max-Age"]) / 86400;
  assert.match(kept[0][3], new RegExp(`^${days} days`));
  const notice = privacy.get("Text for a cookie notice");
  assert.ok(notice.includes(`**${first.name}** (first party, ${days} days)`));
  assert.deepEqual(written({ cookieDays: "0" }, "abc"), []);
});

test("nothing but the cookie is kept", async () => {
  const { readdirSync } = await import("node:fs");
  const files = readdirSync("www/tag", { recursive: true }).filter((name) => name.endsWith(".ts"));
  const code = files.map((name) => read(`www/tag/${name}`)).join("\n");
  assert.equal(code.match(/localStorage|sessionStorage|indexedDB|sendBeacon|fetch\(|XMLHttpRequest/), null);
});

test("those whom it may be handed to are all named", () => {
  const names = quoted(read("www/tag/outlets/names.ts").replaceAll('"', "`"));
  const named = quoted(privacy.get("Whom it is handed to"));
  assert.deepEqual(
    names.filter((name) => !named.includes(name)),
    [],
  );
});

const cookies = "a=1; aftercall_ctx=Aabc.20000; aftercall_ctx2=Arest; aftercall_ctx3=two words; aftercall_ctxs=no";
const flags = "Path=/; Max-Age=2592000; Domain=shop.example; Secure; SameSite=Lax";
const due = [`aftercall_ctx=Aabc.20000; ${flags}`, `aftercall_ctx2=Arest; ${flags}`];

test("the recipe for Node sets again what the tag has written, and nothing else", async () => {
  const code = encodeURIComponent(block(recipes.get("Node"), "js"));
  const { renewAftercall } = await import(`data:text/javascript,${code}`);
  const server = createServer((request, response) => {
    renewAftercall(request, response);
    response.end("<!doctype html>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const ask = (headers) =>
    new Promise((resolve, reject) => {
      get({ port, host: "127.0.0.1", headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.headers["set-cookie"]);
      }).on("error", reject);
    });
  try {
    assert.deepEqual(await ask({ Cookie: cookies }), due);
    assert.equal(await ask({}), undefined);
  } finally {
    server.close();
  }
});

test("the recipe for workers does so too, with pages alone", async () => {
  const worker = new Miniflare({
    modules: true,
    script: block(recipes.get("Worker"), "js"),
    compatibilityDate: "2025-01-01",
    outboundService: (request) =>
      new Response("body", {
        headers: { "Content-Type": request.url.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8" },
      }),
  });
  try {
    const ask = async (path, headers) =>
      (await worker.dispatchFetch(`http://shop.example${path}`, { headers })).headers.getSetCookie();
    assert.deepEqual(await ask("/", { Cookie: cookies }), due);
    assert.deepEqual(await ask("/", {}), []);
    assert.deepEqual(await ask("/a.js", { Cookie: cookies }), []);
  } finally {
    await worker.dispose();
  }
});

test("all recipes keep the cookie as long, on the same domain, with the same flags", () => {
  for (const name of ["nginx", "PHP", "Node", "Worker"]) {
    const text = recipes.get(name);
    assert.match(text, /2592000/, name);
    assert.match(text, /shop\.example/, name);
    assert.match(text, /SameSite=Lax|'samesite' => 'Lax'/, name);
    assert.match(text, /; Secure|'secure' => true/, name);
    assert.doesNotMatch(text.replace(/^[^`]*/, ""), /HttpOnly/i, name);
  }
});
