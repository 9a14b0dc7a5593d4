// The installed `aftercall/deliver`: requests leave everywhere, and come back with the same outcomes.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { install, node } from "./pack.mjs";
import { bundlers, edgeLight, inWorkerd } from "./runtimes.mjs";

const request = {
  platform: "optimizely",
  method: "POST",
  url: "https://logx.optimizely.com/v1/events",
  headers: { "Content-Type": "application/json" },
  body: "{}",
  idempotencyKey: "00112233445566778899aabbccddeeff",
  repeat: "safe",
};
const query = { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io", visitorCode: "245fc", goalId: 36151 };

/** What a program does with it, as text: `face` is the namespace. */
const use = `async (face, options) => {
  const request = ${JSON.stringify(request)};
  const bad = { ...request, url: "http://logx.optimizely.com/v1/events" };
  const deliveries = await face.send([request, bad], { timeout: 5000, ...options });
  return {
    outcomes: deliveries.map(({ outcome, status, attempts }) => [outcome, status, attempts]),
    verdict: await face.verifyKameleoon(${JSON.stringify(query)}, options),
    refused: await face.send([request], { ...options, via: "https://example.com" }).catch(({ code }) => code),
  };
}`;
const program = (via) =>
  `import * as face from "aftercall/deliver";
  (${use})(face, { via: ${JSON.stringify(via)} }).then((answer) => console.log(JSON.stringify(answer)));\n`;

const visit = {
  siteCode: "f17c21u1ag",
  visitorCode: "245fc",
  timeStarted: 1740447713028,
  conversionEvents: [
    { itp: false, time: 1740447713028, data: { goalId: 36151, revenue: 23.5, negative: false, metadata: {} } },
  ],
};
const expected = {
  outcomes: [
    ["accepted", 204, 2],
    ["rejected", null, 0],
  ],
  verdict: { state: "recorded", message: "Kameleoon has recorded the conversion.", visits: [visit] },
  refused: "invalid-argument",
};

/** The platforms: the first attempt to send finds a full queue. */
function platforms() {
  let sent = 0;
  return ({ method }) => {
    if (method === "GET") return { status: 200, body: JSON.stringify({ previousVisits: [visit] }) };
    sent += 1;
    return { status: sent % 2 ? 503 : 204 };
  };
}

test("the installed aftercall/deliver", async (t) => {
  const shop = await install(t);
  const answer = platforms();
  const server = createServer((message, response) => {
    message.resume();
    const { status, body } = answer(message);
    response.writeHead(status).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const via = `http://127.0.0.1:${server.address().port}`;
  const main = join(shop, "main.js");
  await writeFile(main, program(via));

  await t.test("Node: import", async () =>
    assert.deepEqual(await node(shop, "--input-type=module", "--eval", program(via)), expected),
  );

  await t.test("Node: require", async () => {
    const text = `(${use})(require("aftercall/deliver"), { via: ${JSON.stringify(via)} })
      .then((answer) => console.log(JSON.stringify(answer)));`;
    assert.deepEqual(await node(shop, "--no-warnings", "--input-type=commonjs", "--eval", text), expected);
  });

  await t.test("importing it has no side effect; without WebAssembly it says so", async () => {
    const text = `
      delete globalThis.WebAssembly;
      const before = Reflect.ownKeys(globalThis);
      const { send } = await import("aftercall/deliver");
      const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key));
      console.log(JSON.stringify([added.length, await send([]).catch(({ name, code }) => [name, code])]));`;
    assert.deepEqual(await node(shop, "--input-type=module", "--eval", text), [0, ["AftercallError", "wasm-blocked"]]);
  });

  for (const [name, bundle] of Object.entries(bundlers))
    await t.test(name, async () => assert.deepEqual(await node(shop, await bundle(shop, main)), expected));

  await t.test("edge-light: the module is imported, compiled", async () =>
    assert.deepEqual(await node(shop, await edgeLight(shop, main, "deliver.wasm")), expected),
  );

  await t.test("workerd: two requests at a time, each with its own deliveries", async () => {
    const worker = `
      import * as face from "aftercall/deliver";
      const use = ${use};
      export default {
        async fetch() {
          try {
            return Response.json(await use(face, { keepalive: true }));
          } catch (error) {
            return Response.json(String(error.stack));
          }
        },
      };`;
    const answer = platforms();
    const arrived = [];
    const outboundService = async (message) => {
      arrived.push([message.method, new URL(message.url).host, message.headers.get("User-Agent")]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { status, body } = answer(message);
      return new Response(body, { status });
    };
    const workerd = await inWorkerd(shop, worker, "deliver.wasm", { outboundService });
    try {
      const ask = async () => (await workerd.dispatchFetch("http://localhost/")).json();
      assert.deepEqual(await ask(), expected);
      for (const [method, host, agent] of arrived) {
        assert.equal(host, method === "GET" ? query.dataHost : "logx.optimizely.com");
        assert.match(agent, /^aftercall\/\d/);
      }
      for (const both of await Promise.all([ask(), ask()])) {
        assert.ok(both.outcomes?.[0][0] === "accepted", JSON.stringify(both));
        assert.deepEqual(both.verdict, expected.verdict);
      }
    } finally {
      await workerd.dispose();
    }
  });
});
