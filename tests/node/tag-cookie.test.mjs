// The script tag's cookie: where, for how long, and written only where it is not what it should be.
import assert from "node:assert/strict";
import test from "node:test";
import { check, DAY, page, started } from "./tag-page.mjs";

const dataset = { consent: "none" };
const written = ({ jar }) => jar.cookies.map(({ name, value, domain }) => [name, value, domain]);

test("one cookie, lax and secure, for thirty days", () => {
  const { jar, tag } = started({ dataset });
  assert.deepEqual(jar.cookies, [
    {
      ...{ name: "aftercall_ctx", value: "Aabc.20000", domain: "shop.example" },
      ...{ Path: "/", "Max-Age": `${30 * 86400}`, SameSite: "Lax", Secure: undefined },
    },
  ]);
  const { ok, message } = check(tag, "cookie");
  assert.deepEqual([ok, message], [true, "aftercall_ctx holds the token."]);
});

test("on the widest domain that the browser lets a page set", () => {
  const domain = (url) => written(started({ dataset, url })).map(([, , domain]) => domain);
  assert.deepEqual(domain("https://a.b.shop.co.uk/"), ["shop.co.uk"]);
  assert.deepEqual(domain("https://shop.example/"), ["shop.example"]);
  assert.deepEqual(domain("http://localhost:8080/"), [""]);
  assert.deepEqual(domain("https://192.168.0.1/"), [""]);
  assert.deepEqual(domain("https://[2001:db8::1]/"), [""]);
});

test("not secure on loopback alone, where there is no TLS", () => {
  const secure = (url) => started({ dataset, url }).jar.writes.map((line) => line.includes("; Secure"));
  assert.deepEqual(secure("http://localhost/"), [false]);
  assert.deepEqual(secure("http://127.0.0.1:8000/"), [false]);
  assert.deepEqual(secure("http://[::1]/"), [false]);
  assert.deepEqual(secure("https://localhost/"), [true]);
  assert.ok(secure("http://shop.example/").every(Boolean));
});

test("name, domain and life are the site's choice", () => {
  const own = { ...dataset, cookie: "ab", cookieDomain: "www.shop.example", cookieDays: "7" };
  const it = started({ dataset: own });
  assert.deepEqual(written(it), [["ab", "Aabc.20000", "www.shop.example"]]);
  assert.match(it.jar.writes[0], /Max-Age=604800;/);
  assert.deepEqual(started({ dataset: { ...dataset, cookieDays: "0" } }).jar.writes, []);
});

test("a page's cookies are asked for as seldom as can be: each time the page waits for another process", () => {
  const first = started({ dataset });
  assert.equal(first.jar.reads, 2, "what is there, what is there now");
  const again = page({ dataset });
  again.jar.cookies = first.jar.cookies;
  again.run();
  assert.equal(again.jar.reads, 1);
});

test("written again only where something changed", () => {
  const { jar, window, show, hide, clock } = started({ dataset });
  const count = jar.writes.length;
  show();
  hide();
  assert.equal(jar.writes.length, count);
  const again = page({ dataset });
  again.jar.cookies = jar.cookies;
  again.run();
  assert.deepEqual(again.jar.writes, [], "the next page of the same day");
  clock.now += DAY;
  const tomorrow = page({ dataset, now: clock.now });
  tomorrow.jar.cookies = jar.cookies;
  tomorrow.run();
  assert.deepEqual(written(tomorrow), [["aftercall_ctx", "Aabc.20001", "shop.example"]], "renewed once a day");
  window.page = { kameleoon: { visitorCode: "late" } };
  show();
  assert.match(written({ jar })[0][1], /^Alate/);
});

test("one is left, wherever an earlier one was", () => {
  const it = page({ dataset });
  const flags = { Path: "/" };
  it.jar.cookies = ["", "www.shop.example", "shop.example"].map((domain) => ({
    ...{ name: "aftercall_ctx", value: "Aold.1", domain },
    ...flags,
  }));
  it.run();
  assert.deepEqual(written(it), [["aftercall_ctx", "Aabc.20000", "shop.example"]]);
});

test("a long token goes on in numbered cookies, and shrinks again; others' cookies stay", () => {
  const it = page({ dataset, page: { kameleoon: { visitorCode: "x".repeat(300) } } });
  const other = { name: "aftercall_ctx3", value: "mine", domain: "" };
  it.jar.cookies = [other, { name: "aftercall_ctxs", value: "Axxxxxxxxxx", domain: "" }];
  it.run();
  assert.deepEqual(
    it.jar.cookies.map(({ name, value }) => [name, value.length]),
    [
      ["aftercall_ctx3", 4],
      ["aftercall_ctxs", 11],
      ["aftercall_ctx", 255],
      ["aftercall_ctx2", 53],
    ],
  );
  it.window.page = { kameleoon: { visitorCode: "abc" } };
  it.show();
  assert.deepEqual(
    it.jar.cookies.map(({ name }) => name),
    ["aftercall_ctx3", "aftercall_ctxs", "aftercall_ctx"],
  );
});

test("a token that would make every request too long is not kept", () => {
  const { jar, tag, show } = started({ dataset, page: { kameleoon: { visitorCode: "x".repeat(3000) } } });
  show();
  assert.deepEqual(jar.writes, []);
  assert.equal(check(tag, "cookie").ok, false);
});

test("a page that knows nothing leaves what an earlier one knew; one that must not know removes it", () => {
  const { window, jar, show } = started({ dataset });
  window.page = {};
  show();
  assert.equal(jar.cookies.length, 1);
  window.page = { problems: [{ code: "opted-out" }] };
  show();
  assert.deepEqual(jar.cookies, []);
});

test("what a browser does not keep is said", () => {
  const http = started({ dataset, url: "http://shop.example/" });
  assert.deepEqual(http.jar.cookies, []);
  assert.match(check(http.tag, "cookie").message, /^aftercall_ctx is not kept: /);
  assert.equal(http.tag.token, "Aabc.20000");
  const elsewhere = started({ dataset: { ...dataset, cookieDomain: "other.example" } });
  assert.equal(check(elsewhere.tag, "cookie").ok, false);
});

test("a sandboxed page is a problem, not an error", () => {
  const it = page({ dataset });
  const denied = () => {
    throw new Error("SecurityError");
  };
  Object.defineProperty(it.document, "cookie", { get: denied, set: denied });
  it.run();
  const { tag } = { tag: it.window.aftercall };
  assert.deepEqual(
    Array.from(tag.visitor.problems, ({ code }) => code),
    ["storage-blocked"],
  );
  assert.match(check(tag, "cookie").message, /sandboxed/);
  assert.deepEqual(it.logged, []);
  const blocked = started({ dataset, navigator: { cookieEnabled: false } });
  assert.equal(blocked.tag.visitor.problems[0].code, "storage-blocked");
});
