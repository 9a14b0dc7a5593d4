// What the script tag may do is what the visitor's consent allows: the same for every tool.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";
import vm from "node:vm";
import { consentTools } from "./consent-tools.mjs";
import { quoted, read, rows } from "./documents.mjs";
import { check, page, started } from "./tag-page.mjs";

const stub = readFileSync(createRequire(import.meta.url).resolve("@iabtcf/stub"), "utf8");
const codes = (tag) => Array.from(tag.visitor.problems, ({ code }) => code);

/** A page whose consent tool is there before the tag (IAB's stub in its place, where there is one), or comes later. */
function site(name, { dataset, stored, late = false, ...options } = {}) {
  const it = page({ dataset: { consent: name, ...dataset }, ...options });
  const { window, document, events } = it;
  window.dispatchEvent = events.dispatchEvent.bind(events);
  if (name === "tcf") {
    window.frames = {};
    document.body = { appendChild() {} };
    document.createElement = () => ({ style: {} });
    vm.runInContext(stub, window);
  }
  const install = () => consentTools[name].install(window, stored);
  if (!late) install();
  it.run();
  return { ...it, install, tag: window.aftercall, decide: (granted) => window.decide(granted) };
}

for (const name of Object.keys(consentTools)) {
  test(`${name}: before consent nothing is read or written`, () => {
    const { tag, jar, pass } = site(name);
    pass(60_000);
    assert.deepEqual(codes(tag), ["no-consent"]);
    assert.deepEqual(codes({ visitor: tag.capture() }), ["no-consent"]);
    assert.equal(tag.token, "");
    assert.equal(jar.reads, 0);
    assert.deepEqual(jar.writes, []);
    assert.equal(check(tag, "consent").ok, false);
  });

  test(`${name}: granted on this page, then revoked`, () => {
    const { tag, jar, pass, decide, document } = site(name);
    const changes = [];
    document.addEventListener("aftercall:change", () => changes.push(tag.token));
    pass(300_000);
    decide(true);
    pass(1);
    assert.equal(tag.token, "Aabc.20000");
    assert.deepEqual(codes(tag), []);
    assert.deepEqual(
      jar.cookies.map(({ name, value, domain }) => [name, value, domain]),
      [["aftercall_ctx", "Aabc.20000", "shop.example"]],
    );
    assert.equal(check(tag, "consent").ok, true);
    decide(false);
    pass(1);
    assert.equal(tag.token, "");
    assert.deepEqual(codes(tag), ["no-consent"]);
    assert.deepEqual(jar.cookies, []);
    decide(true);
    pass(1);
    assert.equal(jar.cookies.length, 1);
    assert.deepEqual(changes, ["Aabc.20000", "", "Aabc.20000"]);
  });

  test(`${name}: what was decided on an earlier page holds, also where the tool comes after the tag`, () => {
    for (const late of [false, true]) {
      const granted = site(name, { stored: true, late });
      if (late) {
        assert.equal(granted.tag.token, "");
        granted.install();
      }
      granted.pass(5000);
      assert.equal(granted.tag.token, "Aabc.20000", `late: ${late}`);

      const refused = page({ dataset: { consent: "none" } });
      refused.run();
      const left = refused.jar.cookies;
      assert.equal(left.length, 1);
      const it = site(name, { stored: false, late: true });
      it.jar.cookies = left;
      it.install();
      it.pass(5000);
      // WordPress's consent API does not tell whom nobody asked from who refused.
      assert.equal(it.jar.cookies.length, name === "wp" ? 1 : 0, "what an earlier page wrote is gone");
      assert.equal(it.tag.token, "");
    }
  });

  if (consentTools[name].purposes)
    test(`${name}: all configured purposes are needed`, () => {
      const { purposes } = consentTools[name];
      const own = site(name, { stored: true, dataset: { consentPurposes: purposes } });
      own.pass(1);
      assert.notEqual(own.tag.token, "");
      const more = site(name, { stored: true, dataset: { consentPurposes: `${purposes}, 2` } });
      more.pass(1);
      assert.equal(more.tag.token, "");
    });

  test(`${name}: a browser that asks for privacy has refused`, () => {
    const globals = { navigator: { globalPrivacyControl: true }, stored: true };
    const { tag, jar, pass } = site(name, globals);
    pass(5000);
    assert.equal(tag.token, "");
    assert.deepEqual(jar.writes, []);
    assert.match(check(tag, "consent").message, /Global Privacy Control/);
    const ignored = site(name, { ...globals, dataset: { gpc: "ignore" } });
    ignored.pass(5000);
    assert.notEqual(ignored.tag.token, "");
  });
}

test("the document names the tools that there are, and what each has to grant", () => {
  const source = read("www/tag/consent/index.ts");
  const due = [...source.matchAll(/^ {4}(\w+): \[\w+, "(.*)"\],$/gm)].map(([, tool, purposes]) => [tool, purposes]);
  assert.equal(due.length, 7);
  const named = rows(read("docs/consent.md")).map(([tool, , purposes]) => [quoted(tool)[0], quoted(purposes)[0] ?? ""]);
  assert.deepEqual(named.sort(), due.sort());
  const [, choice] = read("www/tag/settings.ts").match(/consent: (\[.+\])/);
  assert.deepEqual(
    JSON.parse(choice).sort(),
    due.map(([tool]) => tool),
  );
});

test("none: nobody has to be asked", () => {
  const { tag, jar } = started({ dataset: { consent: "none" } });
  assert.equal(tag.token, "Aabc.20000");
  assert.equal(jar.cookies.length, 1);
  assert.equal(tag.diagnose().ok, true);
});

test("none: a browser that asks for privacy has refused all the same", () => {
  const { tag, jar } = started({ dataset: { consent: "none" }, navigator: { globalPrivacyControl: true } });
  assert.equal(tag.token, "");
  assert.deepEqual(jar.writes, []);
});

test("without the attribute the page is read, nothing is written or handed on, and diagnose says so", () => {
  const { tag, jar, loaded, pass } = started({ dataset: { outlets: "auto" } });
  pass(60_000);
  assert.equal(tag.token, "Aabc.20000");
  tag.consent(true);
  assert.deepEqual(jar.writes, []);
  assert.deepEqual(loaded, []);
  const { ok, message } = check(tag, "consent");
  assert.equal(ok, false);
  assert.match(message, /^data-consent is missing/);
});

test("a tool that nobody knows consents to nothing", () => {
  const { tag, jar, pass } = started({ dataset: { consent: "tfc" } });
  pass(60_000);
  assert.deepEqual(codes(tag), ["no-consent", "unknown-setting"]);
  assert.match(tag.visitor.problems[1].message, /knows no "tfc"\. There is: none, tcf, google, /);
  assert.deepEqual(jar.writes, []);
});

test("tcf: where the law does not apply there is nothing to ask", () => {
  const window = { __tcfapi: (_1, _2, callback) => callback({ eventStatus: "tcloaded", gdprApplies: false }, true) };
  assert.equal(started({ dataset: { consent: "tcf" }, ...window }).tag.token, "Aabc.20000");
  const failed = { __tcfapi: (_1, _2, callback) => callback(null, false) };
  assert.equal(started({ dataset: { consent: "tcf" }, ...failed }).tag.token, "");
});

test("google: what Google's own tag knows comes first, and templates speak to it alone", () => {
  const listeners = [];
  const entries = { analytics_storage: { default: false } };
  const google_tag_data = { ics: { entries, addListener: (_signals, listener) => listeners.push(listener) } };
  const { tag, pass } = started({
    dataset: { consent: "google" },
    google_tag_data,
    dataLayer: [{ event: "gtm.js" }, null],
  });
  assert.equal(tag.token, "");
  entries.analytics_storage.update = true;
  for (const listener of listeners) listener();
  pass(1);
  assert.equal(tag.token, "Aabc.20000");
  entries.analytics_storage.update = false;
  for (const listener of listeners) listener();
  pass(1);
  assert.equal(tag.token, "");
});

test("google: a default is enough where it grants, and a region's is not everybody's", () => {
  const layer = (state) => ({ dataset: { consent: "google" }, dataLayer: [["consent", "default", state]] });
  assert.equal(started(layer({ analytics_storage: "granted" })).tag.token, "Aabc.20000");
  assert.equal(started(layer({ analytics_storage: "granted", region: ["US"] })).tag.token, "");
});

test("outlets run while consent lasts", async () => {
  const { tag, loaded, window } = started({ dataset: { consent: "custom", outlets: "ctm forms" } });
  const calls = [];
  const arrive = async () => {
    for (const element of loaded.splice(0)) {
      element.handed = {
        start(it, names, report, field, earlier) {
          calls.push(["start", it === tag, Array.from(names), field, earlier]);
          report({ name: "ctm", ok: true, message: "It has the token." });
          return { look() {}, stop: () => calls.push(["stop", tag.token]) };
        },
      };
      element.onload();
    }
    await new Promise(setImmediate);
  };
  assert.deepEqual(loaded, []);
  window.aftercall.consent(true);
  const [element] = loaded;
  const { src, integrity, nonce } = element;
  assert.deepEqual([src, integrity, nonce], ["https://cdn.example/v1/aftercall.outlets.js", "sha384-o", "abc"]);
  tag.consent(false);
  await arrive();
  assert.deepEqual(calls, [], "revoked while it loaded");
  tag.consent(true);
  await arrive();
  const start = ["start", true, ["ctm", "forms"], "aftercall_ctx", ""];
  assert.deepEqual(calls, [start]);
  assert.equal(check(tag, "ctm").ok, true);
  tag.consent(false);
  assert.deepEqual(
    calls.slice(1).map(([what]) => what),
    ["stop"],
  );
  tag.consent(true);
  await arrive();
  assert.deepEqual(calls.slice(2), [start], "and again, without loading again");
});

test("who is not there yet is looked for a few times, ever more seldom, and again when something changed", async () => {
  const { loaded, window, pass } = started({ dataset: { consent: "none", outlets: "auto" } });
  let looks = 0;
  const [element] = loaded;
  element.handed = { start: () => ({ look: () => void looks++, stop() {} }) };
  element.onload();
  await new Promise(setImmediate);
  pass(5000);
  assert.equal(looks, 2);
  pass(3_600_000);
  assert.equal(looks, 5);
  window.page = { kameleoon: { visitorCode: "other" } };
  window.aftercall.refresh();
  assert.equal(looks, 5, "who watches hears of it");
  pass(3_600_000);
  assert.equal(looks, 10);
});

test("consent that is taken back and given again finds the page's problems once", () => {
  const { tag } = site("custom", { dataset: { unheardOf: "1" } });
  for (const granted of [true, false, true]) tag.consent(granted);
  assert.deepEqual(codes(tag), ["unknown-setting"]);
});
