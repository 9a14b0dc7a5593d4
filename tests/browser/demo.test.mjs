// The demo from end to end: what the platforms' cookies say is what the requests tell them, days later, each of today's
// beside the one of its older interface.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { ready, visit } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

const account = {
  optimizely: { accountId: "2914063057", projectId: "3108842716" },
  vwo: { accountId: "704512" },
  kameleoon: { siteCode: "n0rdlys8xq" },
  convert: { accountId: "10047213", projectId: "10048396" },
};

/**
 * The visitor as the cookies and the storage have it, read here by hand from the formats that the platforms document.
 * @param {Page} page
 */
async function visitorByHand(page) {
  const { cookie, stored } = await page.evaluate(() => ({ cookie: document.cookie, stored: { ...localStorage } }));
  const raw = Object.fromEntries(cookie.split("; ").map((pair) => pair.split(/=(.*)/s, 2)));
  const plain = (name) => decodeURIComponent(raw[name]);
  const { 3124819976: ignored, ...experiments } = JSON.parse(plain("optimizelyBuckets"));
  assert.equal(ignored, "0");
  const pairs = (name) =>
    new Map(
      plain(name)
        .split("*")
        .map((pair) => pair.split(/:(.*)/s, 2)),
    );
  assert.equal(pairs("_conv_v").get("vi"), "1");
  const [, experience, variation] = /^\{(\d+)\.\{v\.(\d+)-g\.\{\}\}-100312990\.\{v\.1-g\.\{\}\}\}$/.exec(
    pairs("_conv_v").get("exp"),
  );
  const firstVisit = Number(plain("_vwo_ds").split("$")[1].split(":")[0]);
  const endUserId = plain("optimizelyEndUserId");
  const [decided, ...others] = JSON.parse(stored[`optimizely_data$$${endUserId}$$3108842716$$layer_states`]);
  assert.deepEqual(others, []);
  return {
    optimizely: {
      endUserId,
      experiments,
      segments: JSON.parse(plain("optimizelySegments")),
      decisions: [
        { campaignId: decided.i, experimentId: decided.x, variationId: decided.v, isCampaignHoldback: decided.h },
      ],
      ...account.optimizely,
    },
    vwo: {
      uuid: raw._vwo_uuid,
      campaigns: { 21: [raw._vis_opt_exp_21_combi] },
      sessionId: firstVisit + Number(plain("_vwo_sn").split(":")[0]),
      ...account.vwo,
    },
    kameleoon: {
      visitorCode: raw.kameleoonVisitorCode,
      experiments: { 218437: JSON.parse(stored["kameleoonExperiment-218437"]).value.split("/")[0] },
      ...account.kameleoon,
    },
    convert: {
      visitorId: pairs("_conv_s").get("sh"),
      experiences: { [experience]: variation },
      goals: { [experience]: [] },
      segments: ["10031564"],
      ...account.convert,
    },
  };
}

/**
 * What the shop's page says now.
 * @param {Page} page
 */
const shop = (page) =>
  page.evaluate(() => ({
    visitor: window.aftercall.visitor,
    token: window.aftercall.token,
    hidden: document.querySelector("[name=aftercall_ctx]").value,
    shown: document.querySelector("#token").textContent,
    length: document.querySelector("#token-length").textContent,
    panel: document.querySelector("#context").textContent,
  }));

/** The records of the call tracker and the CRM, newest first. */
const kept = (/** @type {Page} */ page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem("pine-ember.contacts") ?? "[]"));

/** All that the shop's visitor leaves behind, gone: what the back office shows afterwards, it has from the token. */
async function forgetVisitor(/** @type {Page} */ page) {
  await page.context().clearCookies();
  // Not every engine's page sees at once that the jar is empty.
  await page.waitForFunction(() => document.cookie === "");
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (!key.startsWith("pine-ember.")) localStorage.removeItem(key);
  });
}

/** Not every engine lets a test read the clipboard: what a button would put there is kept instead. */
const keepCopies = (/** @type {Page} */ page) =>
  page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => void Object.assign(window, { copied: text });
  });

/**
 * The requests on screen, taken along with their copy buttons: those that the settings ask for, or those beside them.
 * @param {Page} page
 */
async function requests(page, cards = "#requests .request:not(.other)") {
  /** @type {Record<string, { method: string, url: URL, headers: Record<string, string>, body?: string }>} */
  const found = {};
  await keepCopies(page);
  for (const card of await page.locator(cards).all()) {
    const copied = async (what) => {
      const button = card.getByRole("button", { name: `Copy ${what} ` });
      if ((await button.count()) === 0) return undefined;
      await button.click();
      return page.evaluate(() => window.copied);
    };
    const curl = await copied("as curl");
    found[await card.getAttribute("data-platform")] = {
      method: await card.locator(".method").textContent(),
      url: new URL(await copied("URL")),
      headers: Object.fromEntries(
        [...curl.matchAll(/ -H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value]),
      ),
      body: await copied("body"),
    };
  }
  return found;
}

/**
 * Its address without the query, and its parameters by name. A parameter that came twice would not go unnoticed.
 * @param {URL} url
 */
function taken(url) {
  const names = [...url.searchParams.keys()];
  assert.equal(new Set(names).size, names.length, `a parameter came twice: ${url}`);
  return { address: url.origin + url.pathname, parameters: Object.fromEntries(url.searchParams) };
}

test("from the shop to four requests", async () => {
  await visit(async ({ page, url }) => {
    // The shop: what the script read is what the cookies say, and it stays the same on the next page view.
    await page.goto(url);
    await ready(page);
    const expected = await visitorByHand(page);
    const first = await shop(page);
    const { capturedAt, problems, callTrackers, ...visitor } = first.visitor;
    assert.deepEqual(visitor, expected);
    assert.deepEqual(problems, []);
    assert.match(first.token, /^[A-Za-z][A-Za-z0-9._~-]*$/);
    assert.equal(first.hidden, first.token);
    assert.equal(first.shown, first.token);
    const parts = first.token.length > 255 ? "; for fields of 255, 2 parts" : "";
    assert.equal(first.length, `${first.token.length} characters${parts}`);
    for (const id of [
      expected.optimizely.endUserId,
      expected.vwo.uuid,
      expected.kameleoon.visitorCode,
      expected.convert.visitorId,
    ])
      assert.ok(first.panel.includes(id), id);
    await page.reload();
    await ready(page);
    assert.equal((await shop(page)).token, first.token);

    // The phone, then the form: both keep the token.
    await page.getByRole("button", { name: /Call us|Talk to a builder/ }).click();
    await page.getByRole("status").filter({ hasText: "The call tracker keeps call-1001" }).waitFor();
    await page.getByLabel("Your name").fill("Ingrid Solheim");
    await page.getByLabel("E-mail").fill("ingrid@example.com");
    await page.getByLabel("Your corner", { exact: true }).fill("Behind the apple tree.");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("status").filter({ hasText: "The CRM keeps form-1002" }).waitFor();
    const [form, call] = await kept(page);
    assert.deepEqual([form.token, call.token], [first.token, first.token]);
    assert.match(call.number, /^\+44 7700 900\d{3}$/);
    assert.equal(form.email, "ingrid@example.com");
    assert.equal((await shop(page)).hidden, first.token, "a second form carries it too");

    // The back office, days later: no cookie is left, the visit's page is gone.
    await forgetVisitor(page);
    await page.goto(`${url}backoffice.html`);
    await ready(page);
    await page.getByRole("radio", { name: /Form from Ingrid Solheim/ }).focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: `Call from ${call.number}` }).waitFor();
    await page.getByLabel("Worth").fill("8490.00");
    await page.getByLabel("Products").fill("2");
    await page.locator("#summary", { hasText: /^4 requests/ }).waitFor();

    const made = await requests(page);
    assert.deepEqual(Object.keys(made), ["optimizely", "vwo", "kameleoon", "convert"]);
    const { optimizely, vwo, kameleoon, convert } = expected;
    const prefixed = (letter, values) =>
      Object.fromEntries(Object.entries(values).map(([id, value]) => [letter + id, decodeURIComponent(value)]));

    const at = Date.parse(call.at);

    // Today's interfaces, which the settings ask for. Optimizely: the visitor was in Web Experimentation.
    assert.equal(made.optimizely.method, "POST");
    assert.deepEqual(taken(made.optimizely.url), { address: "https://logx.optimizely.com/v1/events", parameters: {} });
    const [{ snapshots, ...told }, ...nobody] = JSON.parse(made.optimizely.body).visitors;
    const [{ events, decisions }, ...nothing] = snapshots;
    assert.deepEqual([told.visitor_id, nobody, nothing], [optimizely.endUserId, [], []]);
    const [decided] = optimizely.decisions;
    assert.deepEqual(decisions, [
      {
        campaign_id: decided.campaignId,
        experiment_id: decided.experimentId,
        variation_id: decided.variationId,
        is_campaign_holdback: false,
      },
    ]);
    const [{ uuid, ...event }] = events;
    assert.match(uuid, /^[0-9a-f-]{36}$/);
    assert.deepEqual(event, { entity_id: "3130552917", key: "phone_call", timestamp: at, revenue: 849000 });

    assert.equal(made.vwo.method, "GET");
    assert.deepEqual(taken(made.vwo.url), {
      address: "https://dev.visualwebsiteoptimizer.com/c.gif",
      parameters: {
        account_id: "704512",
        experiment_id: "21",
        goal_id: "204",
        combination: vwo.campaigns[21][0],
        u: vwo.uuid,
        r: "8490",
        sId: String(vwo.sessionId),
      },
    });

    assert.equal(made.kameleoon.method, "POST");
    assert.deepEqual(taken(made.kameleoon.url), {
      address: "https://eu-data.kameleoon.io/visit/events",
      parameters: { siteCode: "n0rdlys8xq", visitorCode: kameleoon.visitorCode, json: "true" },
    });
    assert.deepEqual(made.kameleoon.headers, { "Content-Type": "application/json" });
    const [{ nonce, ...goal }, ...more] = JSON.parse(made.kameleoon.body);
    assert.match(nonce, /^[0-9a-fA-F]{16}$/);
    assert.deepEqual([goal, more], [{ eventType: "CONVERSION", goalId: 412907, revenue: 8490 }, []]);

    assert.equal(made.convert.method, "POST");
    assert.deepEqual(taken(made.convert.url), {
      address: "https://metrics.convertexperiments.com/v1/track/10047213/10048396",
      parameters: {},
    });
    const goalData = [
      { key: "amount", value: 8490 },
      { key: "productsCount", value: 2 },
      { key: "transactionId", value: "call-1001" },
    ];
    const hit = { goalId: "100473218", bucketingData: convert.experiences };
    assert.deepEqual(JSON.parse(made.convert.body).visitors, [
      {
        visitorId: convert.visitorId,
        events: [
          { eventType: "conversion", data: hit },
          { eventType: "conversion", data: { ...hit, goalData } },
        ],
        segments: { customSegments: convert.segments },
      },
    ]);

    // Beside them: what the other interface of each platform gets.
    const beside = await requests(page, "#requests .request.other");
    assert.deepEqual(Object.keys(beside), Object.keys(made));
    assert.equal(beside.optimizely.method, "GET");
    assert.deepEqual(taken(beside.optimizely.url), {
      address: "https://3108842716.log.optimizely.com/event",
      parameters: {
        a: "3108842716",
        d: "2914063057",
        n: "phone_call",
        u: optimizely.endUserId,
        ...prefixed("x", optimizely.experiments),
        ...prefixed("s", optimizely.segments),
        v: "849000",
        time: String(Math.floor(at / 1000)),
      },
    });
    assert.match(
      beside.optimizely.url.search,
      /&s3117391625=winter%20evenings&/,
      "segment values travel as they were stored",
    );
    assert.deepEqual(taken(beside.vwo.url), {
      address: "https://dev.visualwebsiteoptimizer.com/events/t",
      parameters: { en: "phoneCall", a: "704512" },
    });
    assert.equal(JSON.parse(beside.vwo.body).d.visId, vwo.uuid);
    assert.deepEqual(beside.kameleoon.headers, { "Content-Type": "text/plain" });
    assert.match(beside.kameleoon.body, /^eventType=conversion&goalId=412907&revenue=8490&/);
    assert.deepEqual(taken(beside.convert.url), {
      address: "https://10048396.track.convertexperiments.com/track/",
      parameters: {
        c: "10047213",
        p: "10048396",
        e: Object.entries(convert.experiences)[0].join("-"),
        ea: "0",
        g: "100473218",
        ga: "1",
        t: "100473218|call-1001|8490.00|2",
      },
    });

    // The same again gives the same: nothing in a request depends on when it is made.
    await page.reload();
    await page.getByRole("radio", { name: `Call from ${call.number}` }).check();
    await page.getByLabel("Worth").fill("8490.00");
    await page.getByLabel("Products").fill("2");
    assert.deepEqual(await requests(page), made);
  });
});

test("the back office says in words what cannot be sent", async () => {
  await visit(async ({ page, url }) => {
    await page.goto(url);
    await ready(page);
    const { token } = await shop(page);
    await page.locator("#call").click();
    await page.goto(`${url}backoffice.html`);
    await ready(page);

    await page.getByLabel("Worth").fill("a lot");
    await page.locator("#summary", { hasText: /^4 skipped/ }).waitFor();
    assert.deepEqual(await page.locator("#notes strong").allTextContents(), [
      "Skipped: Optimizely, VWO, Kameleoon, Convert.",
    ]);

    // A token from elsewhere: whole, it works; cut, it says so.
    await page.getByLabel("Worth").fill("");
    await page.locator("#pasted").fill(token);
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("#summary", { hasText: /^4 requests/ }).waitFor();
    await page.locator("#pasted").fill(token.slice(0, -5));
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("#summary", { hasText: /^1 skipped/ }).waitFor();
    assert.equal(await page.locator("#requests .request").count(), 0);
    assert.match(await page.locator("#notes").textContent(), /^Skipped: Token\. The token is cut off/);
  });
});

test("settings say what is wrong next to the field, and the back office uses what was saved", async () => {
  await visit(async ({ page, url }) => {
    await page.goto(url);
    await ready(page);
    await page.locator("#call").click();
    const [call] = await kept(page);
    const variation = (await shop(page)).visitor.vwo.campaigns[21][0];

    await page.goto(`${url}settings.html`);
    await ready(page);
    const saved = () => page.evaluate(() => localStorage.getItem("pine-ember.settings"));
    const problem = (id) => page.locator(`#${id}-problem`);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor(); // the defaults are right

    // One entry after the other is wrong; only its own field says so, and nothing is saved.
    const before = await saved();
    const wrong = {
      "optimizely-account": "29-14",
      "optimizely-project": "3108.evil.example",
      "optimizely-event": "",
      "optimizely-event-id": "31.30",
      "vwo-account": "none",
      "vwo-goals": "21=two",
      "kameleoon-site": "no/site",
      "kameleoon-goal": "412.907",
      "kameleoon-host": "",
      "convert-account": "10047213_10048396",
      "convert-project": "",
      "convert-goals": "one, two",
    };
    for (const [id, entry] of Object.entries(wrong)) {
      const field = page.locator(`#${id}`);
      const right = await field.inputValue();
      if (id === "kameleoon-host") await field.selectOption(entry);
      else await field.fill(entry);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Not saved: one entry needs another look.").waitFor();
      assert.notEqual(await problem(id).textContent(), "", id);
      assert.equal(await page.locator(".problem:not(:empty)").count(), 1, id);
      assert.equal(await page.evaluate(() => document.activeElement?.id), id);
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.equal(await saved(), before);
      if (id === "kameleoon-host") await field.selectOption(right);
      else await field.fill(right);
      assert.equal(await problem(id).textContent(), "", `${id}, fixed`);
    }

    // Two platforms are not used; VWO's campaigns are mobile ones.
    for (const id of ["kameleoon-site", "kameleoon-goal", "convert-account", "convert-project", "convert-goals"])
      await page.locator(`#${id}`).fill("");
    await page.getByLabel("Kind of campaigns").selectOption("track-goal");
    await page.getByLabel("Goal ids").first().fill("204");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.reload();
    assert.equal(await page.getByLabel("Kind of campaigns").inputValue(), "track-goal");

    await page.goto(`${url}backoffice.html`);
    await ready(page);
    await page.locator("#summary", { hasText: "1 request, 1 skipped" }).waitFor();
    assert.match(await page.locator("#notes .skipped").textContent(), /^Skipped: VWO\. .*“Customer’s user id”/);
    await page.getByLabel("Customer’s user id").fill("customer-77");
    await page.locator("#summary", { hasText: /^2 requests/ }).waitFor();
    const { vwo } = await requests(page);
    const { address, parameters } = taken(vwo.url);
    const { random, ...rest } = parameters;
    assert.equal(address, "https://dacdn.visualwebsiteoptimizer.com/track-goal");
    assert.match(random, /^0\.\d+$/);
    assert.deepEqual(rest, {
      account_id: "704512",
      experiment_id: "21",
      u: createHash("md5").update("customer-77").digest("hex"),
      combination: variation,
      goal_id: "204",
    });
    assert.equal(call.id, "call-1001");
  });
});

test("a new visitor is another one; an old one keeps what was decided", async () => {
  await visit(async ({ page, url }) => {
    await page.goto(url);
    await ready(page);
    const mood = () => page.evaluate(() => ({ ...document.documentElement.dataset }));
    const [first, firstMood] = [await shop(page), await mood()];
    for (let view = 0; view < 3; view += 1) {
      await page.reload();
      await ready(page);
      assert.deepEqual(await mood(), firstMood);
    }
    await page.getByRole("button", { name: "Become a new visitor" }).click();
    await page.waitForFunction((token) => {
      const { aftercall } = window;
      return aftercall && !Array.isArray(aftercall) && aftercall.token !== token;
    }, first.token);
    const second = await shop(page);
    assert.notEqual(second.visitor.optimizely.endUserId, first.visitor.optimizely.endUserId);
    assert.notEqual(second.visitor.kameleoon.visitorCode, first.visitor.kameleoon.visitorCode);
    assert.deepEqual(second.visitor.problems, []);
  });
});
