// Every outlet in a page with a stand-in for its tool, which loads before us or after us; and pages that make it hard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { build } from "esbuild";
import { engine, serveBeside, visit } from "./browser.mjs";

const bundled = await build({
  entryPoints: [new URL("../../www/tag/outlets/start.ts", import.meta.url).pathname],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "outlets",
  target: "es2020",
});
const ours = bundled.outputFiles[0].text;
const trackers = await readFile(new URL("trackers.js", import.meta.url), "utf8");
const html = `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,"><body>`;

const [ONE, TWO] = ["AONEaaaaaaaaaaaaaaaaaaaaaaaa", "ATWObbbbbbbbbbbbbbbbbbbbbbbb"];
const LONG = `A${"x".repeat(299)}`;

/** @typedef {import("playwright-core").Page} Page */

/**
 * A fresh page with the stand-ins and our code in it; nothing has started.
 * @param {Page} page
 * @param {string} url
 */
async function open(page, url) {
  await page.goto(`${url}fresh`);
  await page.addScriptTag({ content: trackers });
  await page.addScriptTag({ content: ours });
  await page.evaluate(() => {
    window.bake("aftercall_ctx=; max-age=0");
    window.checks = {};
    window.begin = (names, token = "", earlier = "") => {
      window.tag = window.fakeTag();
      if (token) window.tag.change(token);
      const { look, stop } = window.outlets.start(
        window.tag,
        names,
        (check) => {
          window.checks[check.name] = check;
        },
        "aftercall_ctx",
        earlier,
      );
      window.stop = stop;
      // As the tag does, which looks more seldom.
      setInterval(look, 100);
    };
  });
}

/** What each tool hears of a token, as it hears it. */
const expected = {
  callrail: (token) => [{ tracker: "callrail", custom: { aftercall_ctx: token } }],
  ctm: (token) => [{ tracker: "ctm", variables: { aftercall_ctx: token } }],
  ringba: (token) => [{ tracker: "ringba", tags: { aftercall_ctx: token } }],
  infinity: (token) => [{ tracker: "infinity", c_aftercall_ctx: token }],
  invoca: (token) => [{ tracker: "invoca", cookie: token, expression: token }],
  dataLayer: (token, index) => [
    {
      tracker: "dataLayer",
      event: index ? "aftercall_change" : "aftercall_ready",
      aftercall: { token, fields: { aftercall_ctx: token } },
    },
  ],
};

test("outlets", async (t) => {
  await visit(async ({ page, url, complaints }) => {
    await serveBeside(page, url, { fresh: html });
    /** @param {string} name @param {(page: Page) => Promise<void>} body */
    const it = (name, body) =>
      t.test(name, async () => {
        await open(page, url);
        await body(page);
        // Whatever a page does to us, it hears no error of ours.
        assert.deepEqual(complaints.splice(0), []);
      });
    const heard = () => page.evaluate(() => window.heard.splice(0));
    const check = (/** @type {string} */ name) => page.evaluate((name) => window.checks[`outlet ${name}`], name);

    await t.test("the table has every name, and no other", async () => {
      const built = await build({
        stdin: {
          contents: `export * from "./table.js"; export * from "./names.js";`,
          resolveDir: new URL("../../www/tag/outlets/", import.meta.url).pathname,
        },
        bundle: true,
        write: false,
        format: "iife",
        globalName: "table",
      });
      await open(page, url);
      await page.addScriptTag({ content: built.outputFiles[0].text });
      const { outlets, outletNames } = await page.evaluate(() => ({
        outlets: Object.keys(window.table.outlets),
        outletNames: window.table.outletNames,
      }));
      assert.deepEqual(["auto", ...outlets].sort(), outletNames.sort());
    });

    for (const [name, hears] of Object.entries(expected)) {
      await it(`${name}: the tool comes after us`, async () => {
        await page.evaluate(([name, token]) => window.begin([name], token), [name, ONE]);
        await page.evaluate((name) => window.load(name), name);
        assert.deepEqual(await heard(), hears(ONE, 0));
        assert.equal((await check(name)).ok, true);
      });

      await it(`${name}: the tool was there before us; once a value, again when it changes`, async () => {
        await page.evaluate((name) => window.load(name), name);
        await heard();
        await page.evaluate(([name, token]) => window.begin([name], token), [name, ONE]);
        assert.deepEqual(await heard(), hears(ONE, 0));
        await page.evaluate((token) => window.tag.change(token), ONE);
        await page.evaluate(() => window.dispatchEvent(new Event("load")));
        assert.deepEqual(await heard(), [], "the same value is not told twice");
        await page.evaluate((token) => window.tag.change(token), TWO);
        assert.deepEqual(await heard(), hears(TWO, 1));
        await page.evaluate((token) => {
          window.stop();
          window.tag.change(token);
        }, ONE);
        assert.deepEqual(await heard(), [], "stopped");
      });

      await it(`${name}: nothing is handed on while there is no token`, async () => {
        await page.evaluate((name) => window.load(name), name);
        await heard();
        await page.evaluate((name) => window.begin([name]), name);
        assert.deepEqual(await heard(), []);
        await page.evaluate((token) => window.tag.change(token), ONE);
        assert.deepEqual(await heard(), hears(ONE, 0));
      });
    }

    for (const name of ["callrail", "invoca"])
      await it(`${name}: a cookie of an earlier page is known to it already`, async () => {
        await page.evaluate((token) => window.bake(`aftercall_ctx=${token}`), ONE);
        await page.evaluate((name) => window.load(name), name);
        await heard();
        await page.evaluate(([name, token]) => window.begin([name], token, token), [name, ONE]);
        assert.deepEqual(await heard(), []);
        await page.evaluate(([name, token]) => window.begin([name], token, token.slice(0, 255)), [name, LONG]);
        assert.deepEqual(await heard(), [], "nor the first part of it");
      });

    await it("callrail: without the cookie it says so", async () => {
      await page.evaluate(() => window.begin(["callrail", "cookie"]));
      await page.evaluate((token) => window.tag.change(token, { cookie: false }), ONE);
      for (const name of ["callrail", "cookie"]) {
        const { ok, message } = await check(name);
        assert.equal(ok, false);
        assert.match(message, /The cookie aftercall_ctx is not there/);
      }
      await page.evaluate((token) => window.tag.change(token), TWO);
      assert.equal((await check("cookie")).ok, true);
    });

    await it("a long token goes in parts, and a part that is no more is emptied", async () => {
      await page.evaluate(() => {
        for (const name of ["ctm", "ringba", "infinity"]) window.load(name);
      });
      await page.evaluate((token) => window.begin(["ctm", "ringba", "infinity"], token), LONG);
      const parts = [LONG.slice(0, 255), LONG.slice(255)];
      assert.deepEqual(await heard(), [
        { tracker: "ctm", variables: { aftercall_ctx: parts[0], aftercall_ctx2: parts[1] } },
        { tracker: "ringba", tags: { aftercall_ctx: parts[0] } },
        { tracker: "ringba", tags: { aftercall_ctx2: parts[1] } },
        { tracker: "infinity", c_aftercall_ctx: parts[0] },
        { tracker: "infinity", c_aftercall_ctx2: parts[1] },
      ]);
      await page.evaluate((token) => window.tag.change(token), ONE);
      assert.deepEqual((await heard())[0], { tracker: "ctm", variables: { aftercall_ctx: ONE, aftercall_ctx2: "" } });
    });

    await it("delacon: text and function, beside what the site has", async () => {
      await page.evaluate((token) => {
        window.getExtTrkParameters = () => "&mine=1";
        window.begin(["delacon"], token);
        window.load("delacon");
        window.delaconLooks();
      }, ONE);
      assert.deepEqual(await heard(), [
        { tracker: "delacon", get: `integration.jsp?sessid=1&mine=1&aftercall_ctx=${ONE}` },
        { tracker: "delacon", get: `extratrack.jsp?sessid=1&extTrkStr=${ONE}` },
      ]);
      // Changed in time, and the site's function came late and put itself in ours' place.
      await page.evaluate((token) => {
        window.getExtTrkParameters = () => "&late=1";
        window.tag.change(token);
        window.delaconLooks();
      }, TWO);
      assert.equal((await heard())[0].get, `integration.jsp?sessid=1&late=1&aftercall_ctx=${TWO}`);
      const left = await page.evaluate(() => {
        window.stop();
        return [window.getExtTrkParameters(), window.extTrkStr];
      });
      assert.deepEqual(left, ["&late=1", ""]);
    });

    await it("delacon: the site's own text stays; a token in parts is in the function alone", async () => {
      await page.evaluate((token) => {
        window.extTrkStr = "delacon_call";
        window.begin(["delacon"], token);
        window.load("delacon");
        window.delaconLooks();
      }, LONG);
      assert.deepEqual(await heard(), [
        {
          tracker: "delacon",
          get: `integration.jsp?sessid=1&aftercall_ctx=${LONG.slice(0, 255)}&aftercall_ctx2=${LONG.slice(255)}`,
        },
        { tracker: "delacon", get: "extratrack.jsp?sessid=1&extTrkStr=delacon_call" },
      ]);
    });

    await it("retreaver: numbers of before us, after us, and those the site hands over", async () => {
      await page.evaluate((token) => {
        window.begin(["retreaver"], token);
      }, ONE);
      assert.match((await check("retreaver")).message, /no number yet/);
      await page.evaluate(() => {
        window.load("retreaver");
        const campaign = new window.Retreaver.Campaign({ campaign_key: "k" });
        campaign.request_number({}, () => {});
      });
      await page.waitForFunction(() => window.heard.length > 0);
      assert.deepEqual(await heard(), [{ tracker: "retreaver", number: 1, add_tags: { aftercall_ctx: ONE } }]);
      await page.evaluate((token) => window.tag.change(token), TWO);
      assert.deepEqual(await heard(), [
        { tracker: "retreaver", number: 1, remove_tags: { aftercall_ctx: ONE } },
        { tracker: "retreaver", number: 1, add_tags: { aftercall_ctx: TWO } },
      ]);
      await open(page, url);
      await page.evaluate((token) => {
        window.load("retreaver");
        const campaign = new window.Retreaver.Campaign({ campaign_key: "k" });
        campaign.request_number({}, (number) => {
          window.aftercallNumbers = [number];
        });
        window.begin(["retreaver"], token);
      }, ONE);
      assert.deepEqual(await heard(), [{ tracker: "retreaver", number: 1, add_tags: { aftercall_ctx: ONE } }]);
    });

    await it("retreaver: a pool that is not per visitor is named", async () => {
      await page.evaluate((token) => {
        window.load("retreaver");
        new window.Retreaver.Campaign({ campaign_key: "k" }).request_number({}, () => {}, false);
        window.begin(["retreaver"], token);
      }, ONE);
      const { ok, message } = await check("retreaver");
      assert.equal(ok, false);
      assert.match(message, /non per-visitor/);
    });

    await it("forms: fields by name, id and class; late ones; and what somebody typed stays", async () => {
      await page.evaluate((token) => {
        document.body.innerHTML = `<form>
          <input type="hidden" name="aftercall_ctx" id="a">
          <input type="hidden" id="aftercall_ctx">
          <div class="field aftercall_ctx"><input id="c"></div>
          <textarea name="aftercall_ctx" id="d">typed</textarea>
          <input name="other" id="e">
        </form>`;
        window.events = [];
        for (const type of ["input", "change"])
          document.body.addEventListener(type, ({ target }) => window.events.push([type, target.id, target.value]));
        window.begin(["forms"], token);
      }, ONE);
      const values = () =>
        page.evaluate(() => [...document.querySelectorAll("input,textarea")].map(({ value }) => value));
      assert.deepEqual(await values(), [ONE, ONE, ONE, "typed", ""]);
      const events = await page.evaluate(() => window.events);
      assert.deepEqual(events.slice(0, 2), [
        ["input", "a", ONE],
        ["change", "a", ONE],
      ]);
      assert.equal(events.length, 6);
      await page.evaluate(() => {
        document.body.insertAdjacentHTML("beforeend", `<form><input name="aftercall_ctx" id="late"></form>`);
      });
      await page.waitForFunction(() => document.querySelector("#late").value);
      await page.evaluate((token) => window.tag.change(token), TWO);
      assert.deepEqual(await values(), [TWO, TWO, TWO, "typed", "", TWO]);
      await page.evaluate(() => window.stop());
      assert.deepEqual(await values(), ["", "", "", "typed", "", ""]);
    });

    await it("forms: a framework hears of the value, and one that refuses it is not argued with for ever", async () => {
      const seen = await page.evaluate(async (token) => {
        document.body.innerHTML = `<input name="aftercall_ctx" id="a"><input name="aftercall_ctx" id="b">`;
        const [a, b] = document.querySelectorAll("input");
        // As React watches a field: by a property of its own in front of the prototype's.
        const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        let tracked = "";
        Object.defineProperty(a, "value", {
          get() {
            return get.call(this);
          },
          set(text) {
            tracked = text;
            set.call(this, text);
          },
        });
        let noticed = 0;
        a.addEventListener("input", () => {
          if (a.value !== tracked) noticed += 1;
        });
        let refused = 0;
        b.addEventListener("input", () => {
          set.call(b, "");
          refused += 1;
          document.body.append(document.createElement("i"));
        });
        window.begin(["forms"], token);
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 260));
        return { noticed, refused };
      }, ONE);
      assert.equal(seen.noticed, 1);
      assert.ok(seen.refused <= 5, `${seen.refused}`);
    });

    await it("forms: a page that changes five thousand times a second hardly notices", async () => {
      const { scans, changes, passed } = await page.evaluate(async (token) => {
        let scans = 0;
        const { querySelectorAll } = document;
        document.querySelectorAll = (selector) => {
          scans += 1;
          return querySelectorAll.call(document, selector);
        };
        window.begin(["forms"], token);
        let changes = 0;
        const box = document.body.appendChild(document.createElement("div"));
        const began = performance.now();
        let passed = 0;
        for (; passed < 1000 || changes < 1000; passed = performance.now() - began) {
          for (let index = 0; index < 25; index++, changes++) box.replaceChildren(document.createElement("b"));
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
        return { scans, changes, passed };
      }, ONE);
      assert.ok(scans <= 1 + passed / 200, `${scans} looks at ${changes} changes in ${passed} ms`);
    });

    await it("whatconverts: by the form", async () => {
      await page.evaluate((token) => {
        document.body.innerHTML = `<form><input type="hidden" name="aftercall_ctx"><button>Send</button></form>`;
        window.load("whatconverts");
        window.begin(["whatconverts"], token);
      }, ONE);
      await page.locator("button").click();
      assert.deepEqual(await heard(), [{ tracker: "whatconverts", additional_fields: { aftercall_ctx: ONE } }]);
    });

    await it("event and callback: the page's own code, whenever it comes", async () => {
      const seen = await page.evaluate(async (token) => {
        const seen = [];
        document.addEventListener("aftercall:token", ({ detail }) => seen.push(["event", detail]));
        window.begin(["event", "callback"], token);
        await new Promise((resolve) => setTimeout(resolve, 50));
        window.aftercallCallback = (...given) => seen.push(["callback", ...given]);
        const end = performance.now() + 5000;
        while (seen.length < 2 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
        // Both once: whoever told twice does so at the next look.
        await new Promise((resolve) => setTimeout(resolve, 500));
        return seen;
      }, ONE);
      const fields = { aftercall_ctx: ONE };
      assert.deepEqual(seen, [
        ["event", { token: ONE, fields }],
        ["callback", ONE, fields],
      ]);
    });

    await it("auto: those that are there, also later; nobody else", async () => {
      await page.evaluate((token) => {
        window.load("ctm");
        window.dataLayer = [];
        window.begin(["auto"], token);
      }, ONE);
      assert.deepEqual(await heard(), expected.ctm(ONE, 0));
      await page.evaluate(() => window.load("ringba"));
      await page.waitForFunction(() => window.heard.length > 0);
      assert.deepEqual(await heard(), expected.ringba(ONE, 0));
      const others = await page.evaluate(() => [window._ictt, window.getExtTrkParameters, window.dataLayer.length]);
      assert.deepEqual(others, [undefined, undefined, 0]);
      assert.deepEqual(await page.evaluate(() => Object.keys(window.checks).sort()), [
        "outlet ctm",
        "outlet ringba",
        "outlets",
      ]);
    });

    await it("auto: a tracker's script in the page is enough", async () => {
      const pushed = await page.evaluate((token) => {
        const script = document.createElement("script");
        script.type = "text/plain";
        script.src = "https://12345.tctm.co/t.js";
        document.head.append(script);
        window.begin(["auto"], token);
        return window.__ctm_cvars;
      }, ONE);
      assert.deepEqual(pushed, [{ aftercall_ctx: ONE }]);
    });

    await it("queues that are frozen, trapped or something else cost nothing but themselves", async () => {
      const seen = await page.evaluate((token) => {
        window.__ctm_cvars = Object.freeze([]);
        window._rgba_tags = "text";
        Object.defineProperty(window, "_ictt", {
          get: () => undefined,
          set() {
            throw new Error("set");
          },
        });
        Object.defineProperty(window, "dataLayer", {
          get() {
            throw new Error("get");
          },
        });
        Object.defineProperty(window, "extTrkStr", { value: "", writable: false });
        window.CallTrk = {
          swap() {
            throw new Error("swap");
          },
        };
        window.Invoca = new Proxy(
          {},
          {
            get() {
              throw new Error("Invoca");
            },
          },
        );
        window.Retreaver = { Base: { Data: { _store: { numbers: { 1: null } } } }, Campaign: null };
        window.aftercallNumbers = [{}];
        window.aftercallCallback = 7;
        const names = [
          "ctm",
          "ringba",
          "infinity",
          "dataLayer",
          "delacon",
          "callrail",
          "invoca",
          "retreaver",
          "callback",
        ];
        window.begin([...names, "forms", "event", "no-such-outlet", "constructor"], token);
        const said = Object.values(window.checks).map(({ name, ok, message }) => [
          name.replace("outlet ", ""),
          ok,
          message,
        ]);
        window.stop();
        return { said, page: [window.__ctm_cvars, window._rgba_tags] };
      }, ONE);
      assert.deepEqual(seen.page, [[], "text"]);
      const said = Object.fromEntries(seen.said.map(([name, ok, message]) => [name, ok || message]));
      assert.match(said.ctm, /not extensible|non-writable|readonly/); // each engine in its words
      assert.match(said.ringba, /^window._rgba_tags is no queue on this page: look for/);
      for (const [name, error] of Object.entries({
        infinity: "set",
        dataLayer: "get",
        callrail: "swap",
        invoca: "Invoca",
      }))
        assert.ok(said[name].startsWith(`It was stopped (${error}): look for a script`), said[name]);
      assert.match(said.delacon, /extTrkStr|readonly/);
      assert.match(said.retreaver, /Numbers has something else than numbers/);
      assert.match(said.callback, /no window.aftercallCallback/);
      assert.deepEqual([said.forms, said.event], [true, true]);
      assert.ok(!Object.hasOwn(said, "constructor") && !Object.hasOwn(said, "no-such-outlet"));
    });

    // Playwright's own part of the page bears broken arrays, and lets a page's hours pass in no time.
    if (engine !== "chromium") return;
    await it("a page that broke the language hears no error of ours, and its own errors are still heard", async () => {
      await page.evaluate((token) => {
        window.begin(["auto", "forms", "ctm", "callback"], token);
        const broken = () => {
          throw new Error("broken by the page");
        };
        Array.prototype.some = Array.prototype.push = Map.prototype.set = Document.prototype.querySelectorAll = broken;
        Object.defineProperty(Object.prototype, "polluted", { value: broken, enumerable: true });
        dispatchEvent(new Event("load"));
        document.body.append(document.createElement("input"));
      }, ONE);
      await page.waitForTimeout(1000);
      await page.evaluate(() => setTimeout(() => window.noSuchFunction()));
      await page.waitForTimeout(100);
      assert.match(complaints.splice(0).join(), /^[^,]*noSuchFunction[^,]*$/);
    });
  });
});

/** The built tag in a page with these trackers there before it. */
const site = (
  body,
  attributes,
) => `${html}<script>${trackers}; document.cookie = "kameleoonVisitorCode=l200u3djm8kovq4o"</script>
  ${body}<script async src="/dist/aftercall.js" ${attributes}></script>`;

test("the built tag: what a tracker missed it hears once, and on the next page it is known", async () => {
  await visit(async ({ page, url }) => {
    const body = site(`<script>load("callrail")</script>`, `data-consent="none" data-outlets="callrail"`);
    await serveBeside(page, url, { one: body, two: body });
    const heardBy = async (path) => {
      await page.goto(url + path);
      await page.waitForFunction(() =>
        window.aftercall?.diagnose?.().checks.some(({ name }) => name === "outlet callrail"),
      );
      return page.evaluate(() => [window.heard.map(({ custom }) => custom.aftercall_ctx), window.aftercall.token]);
    };
    const [first, token] = await heardBy("one");
    assert.deepEqual(first, ["", token]);
    const [second] = await heardBy("two");
    assert.deepEqual(second, [token], "its script read the cookie itself: no second session");
  });
});

test("the built tag: consent given, taken back, given again", async () => {
  await visit(async ({ page, url }) => {
    const body = `<form><input type="hidden" name="aftercall_ctx"></form><script>load("ctm"); load("dataLayer")</script>`;
    await serveBeside(page, url, { page: site(body, `data-consent="custom" data-outlets="auto dataLayer invoca"`) });
    await page.goto(`${url}page`);
    await page.waitForFunction(() => window.aftercall?.version);
    const state = () =>
      page.evaluate(() => ({
        heard: window.heard.map(({ tracker }) => tracker).sort(),
        field: document.querySelector("input").value,
        fields: window.aftercallFields,
        cookie: /aftercall_ctx=/.test(document.cookie),
      }));
    const nothing = { field: "", fields: undefined, cookie: false };
    await page.waitForTimeout(300);
    assert.deepEqual(await state(), { heard: [], ...nothing }, "nobody consented");
    await page.evaluate(() => window.aftercall.consent(true));
    await page.waitForFunction(() => window.heard.length === 2);
    const token = await page.evaluate(() => window.aftercall.token);
    const given = { field: token, fields: { aftercall_ctx: token }, cookie: true };
    assert.deepEqual(await state(), { heard: ["ctm", "dataLayer"], ...given });
    await page.evaluate(() => window.aftercall.consent(false));
    assert.deepEqual(await state(), { heard: ["ctm", "dataLayer"], ...nothing }, "taken back");
    await page.evaluate(() => {
      document.body.insertAdjacentHTML("beforeend", `<input name="aftercall_ctx" class="late">`);
    });
    await page.waitForTimeout(600);
    assert.equal(await page.locator(".late").inputValue(), "");
    await page.evaluate(() => window.aftercall.consent(true));
    await page.waitForFunction(() => document.querySelector("input").value);
    assert.deepEqual(await state(), { heard: ["ctm", "dataLayer"], ...given }, "the queues have the value already");
  });
});
