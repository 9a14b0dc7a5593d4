// aftercall/deliver against a platform of the test's own: each answer, each failure, and what goes out again.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { send, verifyKameleoon } from "../../dist/deliver.js";
import { conversionRequests } from "../../dist/index.js";

/** What arrived: method, path, headers, body. */
let arrived = [];
/** Answers a request: `(request, response, index)`. */
let answer;
let via;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { method, url, headers } = request;
  const index = arrived.push({ method, url, headers, body }) - 1;
  answer({ method, url, headers, body }, response, index);
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  via = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  arrived = [];
  answer = (_, response) => response.writeHead(204).end();
});

const visitor = { kameleoon: { visitorCode: "l200u3djm8kovq4o" } };
const accounts = { kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" } };
const [kameleoon] = conversionRequests(visitor, { id: "call-1", kameleoon: { goalId: 36151 } }, accounts).requests;
const get = {
  platform: "vwo",
  method: "GET",
  url: "https://dev.visualwebsiteoptimizer.com/c.gif?account_id=1&x=a%20b",
  headers: {},
  idempotencyKey: "00112233445566778899aabbccddeeff",
  repeat: "counts-twice",
};
const events = {
  ...get,
  platform: "optimizely",
  method: "POST",
  url: "https://logx.optimizely.com/v1/events",
  headers: { "Content-Type": "application/json" },
  body: '{"account_id":"1","é":"\\ud83d"}',
  repeat: "safe",
};
const v1 = { ...events, platform: "convert", url: "https://metrics.convertexperiments.com/v1/track/1/2" };
const [safe, once] = [events, kameleoon];

/** Status by attempt; the last one stays. */
const statuses =
  (...list) =>
  (_, response, index) =>
    response.writeHead(list[Math.min(index, list.length - 1)]).end("what the platform says");
const one = async (request, options) => {
  const [delivery] = await send([request], { via, ...options });
  assert.equal(delivery.request, request);
  const { outcome, status, attempts } = delivery;
  return [outcome, status, attempts];
};

test("a request arrives as it was built, and the sender names itself", async () => {
  assert.deepEqual(await one(events), ["accepted", 204, 1]);
  const [{ method, url, headers, body }] = arrived;
  assert.deepEqual([method, url, body], ["POST", "/v1/events", events.body]);
  assert.equal(headers["aftercall-url"], events.url);
  assert.equal(headers["content-type"], "application/json");
  assert.match(headers["user-agent"], /^aftercall\/\d+\.\d+\.\d+$/);
  assert.equal(headers.authorization, undefined);
  assert.deepEqual(await one(get, { userAgent: "Shop/2.0" }), ["accepted", 204, 1]);
  assert.deepEqual([arrived[1].method, arrived[1].url], ["GET", "/c.gif?account_id=1&x=a%20b"]);
  assert.equal(arrived[1].headers["user-agent"], "Shop/2.0");
  assert.equal(arrived[1].headers["aftercall-url"], get.url);
});

test("each answer has its outcome", async () => {
  for (const [status, outcome] of [
    ...[200, 201, 204].map((status) => [status, "accepted"]),
    ...[301, 302, 400, 401, 403, 404, 409, 413, 422].map((status) => [status, "rejected"]),
  ]) {
    arrived = [];
    answer = (_, response) => response.writeHead(status, { Location: "/elsewhere" }).end();
    assert.deepEqual(await one(once), [outcome, status, 1]);
    assert.equal(arrived.length, 1, `${status}: nothing is repeated, no redirect is followed`);
  }
});

test("what the platform did not take goes out again, whatever it is", async () => {
  for (const status of [408, 425, 429, 500, 503]) {
    arrived = [];
    answer = statuses(status, 204);
    assert.deepEqual(await one(get), ["accepted", 204, 2]);
    assert.deepEqual(arrived[1], arrived[0], "the same request");
  }
  arrived = [];
  answer = statuses(503);
  const [delivery] = await send([get], { via, attempts: 2 });
  assert.deepEqual([delivery.outcome, delivery.status, delivery.attempts], ["unreachable", 503, 2]);
  assert.equal(arrived.length, 2);
  assert.match(delivery.message, /503/);
  assert.ok(!JSON.stringify(delivery.message).includes("what the platform says"));
});

test("Retry-After is obeyed, in seconds and as a date, up to a minute", async () => {
  for (const wait of ["1", () => new Date(Date.now() + 2000).toUTCString()]) {
    arrived = [];
    const times = [];
    answer = (_, response, index) => {
      times.push(Date.now());
      const text = typeof wait === "string" ? wait : wait();
      response.writeHead(index ? 204 : 429, index ? {} : { "Retry-After": text }).end();
    };
    assert.deepEqual(await one(once), ["accepted", 204, 2]);
    assert.ok(times[1] - times[0] >= 950, `${times[1] - times[0]} ms`);
  }
  answer = (_, response) => response.writeHead(429, { "Retry-After": "3600" }).end();
  assert.deepEqual(await one(safe), ["unreachable", 429, 1]);
});

test("after a time-out or a reset only what is safe goes out again", async () => {
  for (const fail of [() => {}, (_, response) => response.destroy()]) {
    for (const [request, expected] of [
      [get, ["unknown", undefined, 1]],
      [kameleoon, ["unknown", undefined, 1]],
      [events, ["accepted", 204, 2]],
    ]) {
      arrived = [];
      answer = (message, response, index) => (index ? response.writeHead(204).end() : fail(message, response));
      assert.deepEqual(await one(request, { timeout: 200 }), expected);
      assert.equal(arrived.length, expected[2]);
    }
    arrived = [];
    answer = fail;
    assert.deepEqual(await one(safe, { timeout: 100, attempts: 2 }), ["unknown", undefined, 2]);
  }
});

test("an answer that breaks off is an answer", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "Content-Length": "100" }).write("half");
    setTimeout(() => response.destroy(), 20);
  };
  assert.deepEqual(await one(once), ["accepted", 200, 1]);
  answer = (_, response) => response.writeHead(200, { "Content-Length": "100" }).write("half");
  assert.deepEqual(await one(once, { timeout: 150 }), ["accepted", 200, 1]);
});

test("without a connection nothing was counted", async () => {
  const closed = createServer();
  await new Promise((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address();
  await new Promise((resolve) => closed.close(resolve));
  for (const host of ["127.0.0.1", "localhost"])
    assert.deepEqual(await one(get, { via: `http://${host}:${port}`, attempts: 2 }), ["unreachable", undefined, 2]);
  const nowhere = { ...get, url: "https://nowhere.invalid/" };
  assert.deepEqual(await one(nowhere, { via: undefined, attempts: 1 }), ["unreachable", undefined, 1]);
});

test("whatever fetch throws or returns, there is an outcome", async (t) => {
  let now;
  t.mock.method(globalThis, "fetch", () => now());
  for (const [work, expected] of [
    [
      async () => {
        throw undefined;
      },
      "unknown",
    ],
    [
      async () => {
        throw "text";
      },
      "unknown",
    ],
    [
      () => {
        throw new TypeError("at once");
      },
      "unknown",
    ],
    [
      async () => {
        throw new TypeError("fetch failed", { cause: { syscall: "getaddrinfo" } });
      },
      "unreachable",
    ],
    [async () => undefined, "unknown"],
    [async () => ({ status: 204 }), "unknown"],
    [async () => ({ status: 204, headers: new Headers() }), "accepted"],
    [() => Promise.resolve(new Response(null, { status: 204 })), "accepted"],
  ]) {
    now = work;
    assert.equal((await one(get, { attempts: 1 }))[0], expected, String(work));
  }
  assert.equal(arrived.length, 0);
});

test("deliveries come back in order, some at a time", async () => {
  let underway = 0;
  let most = 0;
  answer = (_, response, index) => {
    underway += 1;
    most = Math.max(most, underway);
    setTimeout(
      () => {
        underway -= 1;
        response.writeHead(200 + (index % 3)).end();
      },
      30 - (index % 30),
    );
  };
  const requests = Array.from({ length: 100 }, (_, index) => ({ ...get, url: `https://a.example/?n=${index}` }));
  const deliveries = await send(requests, { via });
  assert.deepEqual(
    deliveries.map(({ request }) => request),
    requests,
  );
  for (const [index, { url }] of arrived.entries())
    assert.equal(deliveries[Number(url.split("=")[1])].status, 200 + (index % 3));
  assert.ok(most > 1 && most <= 16, `${most} at a time`);
  assert.deepEqual(await send([], { via }), []);
});

test("aborted is what has not left; what is out may have been counted", async () => {
  assert.deepEqual(await one(get, { signal: AbortSignal.abort() }), ["aborted", undefined, 0]);
  assert.equal(arrived.length, 0);

  answer = () => {};
  const controller = new AbortController();
  const requests = Array.from({ length: 40 }, () => get);
  const began = Date.now();
  const sending = send(requests, { via, signal: controller.signal });
  while (arrived.length < 16) await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort("a reason of any kind");
  const outcomes = (await sending).map(({ outcome, attempts }) => `${outcome} ${attempts}`);
  assert.deepEqual(outcomes, [...Array(16).fill("unknown 1"), ...Array(24).fill("aborted 0")]);
  assert.ok(Date.now() - began < 5000);

  arrived = [];
  answer = (_, response) => response.writeHead(503, { "Retry-After": "50" }).end();
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), 200);
  assert.deepEqual(await one(get, { signal: waiting.signal }), ["aborted", 503, 1]);
});

test("what is no request is rejected, and nothing is thrown", async () => {
  const bad = [
    undefined,
    null,
    "https://logx.optimizely.com",
    {},
    { ...get, platform: "other" },
    { ...get, method: "PUT" },
    { ...get, headers: undefined },
    { ...get, repeat: "twice" },
    { ...get, idempotencyKey: 5 },
    { ...get, body: "GETs have none" },
    { ...events, body: undefined },
    { ...events, body: 1.5 },
    { ...get, url: "http://dev.visualwebsiteoptimizer.com/" },
    { ...get, url: "https://127.0.0.1/" },
    { ...get, url: new URL("https://a.example") },
    { ...get, headers: { "a b": "c" } },
    { ...get, headers: { a: "b\r\nc: d" } },
    {
      ...get,
      get url() {
        throw new Error("a getter");
      },
    },
  ];
  const deliveries = await send([...bad, get], { via });
  for (const [index, { request, outcome, attempts, message }] of deliveries.slice(0, -1).entries()) {
    assert.equal(request, bad[index]);
    assert.deepEqual([outcome, attempts], ["rejected", 0], String(index));
    assert.match(message, /^[A-Z].*\.$/);
  }
  assert.equal(deliveries.at(-1).outcome, "accepted");
  assert.equal(arrived.length, 1);
});

test("an option that is none is named", async () => {
  for (const [name, value] of [
    ["attempts", 0],
    ["attempts", 1.5],
    ["attempts", "3"],
    ["timeout", 0],
    ["timeout", NaN],
    ["timeout", -1],
    ["keepalive", "yes"],
    ["userAgent", 5],
    ["via", "http://192.168.0.1:80"],
    ["via", "https://example.com"],
    ["via", ""],
    ["signal", {}],
  ])
    await assert.rejects(
      send([get], { via, [name]: value }),
      (error) => {
        assert.deepEqual([error.name, error.code], ["AftercallError", "invalid-argument"]);
        assert.match(error.message, new RegExp(`^${name} `));
        return true;
      },
      `${name} ${value}`,
    );
  await assert.rejects(send({ requests: [get] }, { via }), { code: "invalid-argument" });
  assert.equal(arrived.length, 0);
  const unset = {
    attempts: undefined,
    timeout: null,
    keepalive: true,
    userAgent: undefined,
    signal: null,
    secrets: {},
  };
  assert.deepEqual(await one(get, unset), ["accepted", 204, 1]);
  assert.deepEqual(await one(get, { timeout: Infinity }), ["accepted", 204, 1]);
});

test("Convert's secret goes to Convert, and is in no message", async () => {
  const secrets = { convert: "s3cret" };
  answer = statuses(403);
  const deliveries = await send([v1, events, get, kameleoon], { via, secrets });
  const authorized = arrived.filter(({ headers }) => headers.authorization === "Bearer s3cret");
  assert.deepEqual(
    authorized.map(({ headers }) => headers["aftercall-url"]),
    [v1.url],
  );
  assert.ok(!JSON.stringify(deliveries).includes("s3cret"));
});

test("a process ends once all is done", async () => {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const url = new URL("../../dist/deliver.js", import.meta.url).href;
  const program = `import { send } from ${JSON.stringify(url)};
    const began = Date.now();
    await send([${JSON.stringify(get)}], { via: ${JSON.stringify(via)}, timeout: 60000 });
    process.on("exit", () => console.log(Date.now() - began));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  assert.ok(Number(stdout) < 10_000, "no timer is left");
});

const query = { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io", visitorCode: "a&b=é", goalId: 36151 };
const recorded = (revenue, time) => ({
  previousVisits: [
    {
      siteCode: "f17c21u1ag",
      visitorCode: "a&b=é",
      timeStarted: time,
      conversionEvents: [{ itp: false, time, data: { goalId: 36151, revenue, negative: false, metadata: {} } }],
    },
  ],
});
const answers = (text) => (_, response) => response.writeHead(200, { "Content-Type": "application/json" }).end(text);

test("verifyKameleoon asks as documented, and hands on the visits", async () => {
  const now = Date.now();
  const visits = recorded(23.5, now);
  answer = answers(JSON.stringify({ currentVisit: { other: 1 }, ...visits }).replace("23.5", "2.35E1"));
  const options = { via, userAgent: "Shop/2.0" };
  const verdict = await verifyKameleoon({ ...query, revenue: "23.50", since: new Date(now - 1000) }, options);
  assert.deepEqual(verdict, {
    state: "recorded",
    message: "Kameleoon has recorded the conversion.",
    visits: [{ other: 1 }, ...visits.previousVisits],
  });
  const [{ method, url, headers }] = arrived;
  const path =
    "/visit/visitor?siteCode=f17c21u1ag&visitorCode=a%26b%3D%C3%A9&maxNumberPreviousVisits=5&currentVisit=false&conversion=true";
  assert.deepEqual([method, url, headers["user-agent"]], ["GET", path, "Shop/2.0"]);
  assert.equal(headers["aftercall-url"], `https://eu-data.kameleoon.io${path}`);
});

test("verifyKameleoon tells what is late from what is missing", async () => {
  const now = Date.now();
  const hour = 3_600_000;
  const state = async (more, body) => {
    answer = answers(JSON.stringify(body));
    return (await verifyKameleoon({ ...query, ...more }, { via })).state;
  };
  const empty = { previousVisits: [] };
  assert.equal(await state({ since: now }, empty), "not-yet");
  assert.equal(await state({ since: now - hour }, empty), "absent");
  assert.equal(await state({}, empty), "not-yet");
  assert.equal(await state({ currentVisit: true }, { currentVisit: {} }), "absent");
  assert.equal(await state({ since: now - hour, revenue: 23.5 }, recorded(23.49, now)), "absent");
  assert.equal(await state({ since: now - hour, goalId: 1n }, recorded(23.5, now)), "absent");
  assert.equal(await state({ since: now - hour, revenue: 0.1 + 0.2 }, recorded(0.3, now)), "recorded");
});

test("verifyKameleoon asks again, and says when it cannot", async () => {
  answer = statuses(503, 200);
  assert.equal((await verifyKameleoon(query, { via })).state, "unreachable", "no JSON");
  assert.equal(arrived.length, 2);
  for (const text of ["[]", "null", "", "<html>"]) {
    answer = answers(text);
    assert.equal((await verifyKameleoon(query, { via })).state, "unreachable", text);
  }
  answer = statuses(403);
  const refused = await verifyKameleoon(query, { via });
  assert.deepEqual([refused.state, refused.visits], ["unreachable", []]);
  assert.match(refused.message, /403/);
  answer = () => {};
  const late = await verifyKameleoon(query, { via, timeout: 50, attempts: 2 });
  assert.equal(late.state, "unreachable");
  assert.equal((await verifyKameleoon(query, { via, signal: AbortSignal.abort() })).state, "unreachable");
});

test("verifyKameleoon names what is wrong in a query", async () => {
  for (const [more, name] of [
    [{ siteCode: "" }, "siteCode"],
    [{ dataHost: "eu-data.kameleoon.io/x" }, "dataHost"],
    [{ visitorCode: undefined }, "visitorCode or mappingValue"],
    [{ mappingValue: "too" }, "visitorCode or mappingValue"],
    [{ goalId: "goal" }, "goalId"],
    [{ revenue: "1.234" }, "revenue"],
    [{ revenue: NaN }, "revenue"],
    [{ since: "yesterday" }, "since"],
    [{ since: new Date(NaN), goalId: undefined }, "goalId"],
    [{ maxNumberPreviousVisits: 26 }, "maxNumberPreviousVisits"],
    [{ currentVisit: 1 }, "currentVisit"],
  ])
    await assert.rejects(verifyKameleoon({ ...query, ...more }, { via }), (error) => {
      assert.equal(error.code, "invalid-argument");
      assert.ok(error.message.startsWith(name), error.message);
      return true;
    });
  await assert.rejects(verifyKameleoon(undefined, { via }), { code: "invalid-argument" });
  await assert.rejects(verifyKameleoon(query, { via: "example.com" }), { code: "invalid-argument" });
});
