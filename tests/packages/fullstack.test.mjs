// The installed `aftercall/vwo-fullstack`: the same answers everywhere, and delivered before a worker returns.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { install, node } from "./pack.mjs";
import { bundlers, edgeLight, inWorkerd } from "./runtimes.mjs";

const settingsFile = {
  version: 1,
  accountId: 88888888,
  sdkKey: "SDKKEY",
  campaigns: [
    {
      ...{ id: 230, key: "AB1", type: "VISUAL_AB", status: "RUNNING", percentTraffic: 100 },
      segments: { custom_variable: { city: "regex(^(?<c>.)ix\\b)" } },
      goals: [{ id: 203, identifier: "SIGNUP", type: "CUSTOM_GOAL" }],
      variations: [
        { id: 1, name: "Control", weight: 50 },
        { id: 2, name: "Variation-1", weight: 50 },
      ],
    },
  ],
};

/** What a program does with it, as text: what was decided, and the address of the request. `face` is the namespace. */
const use = `(face) => {
  const urls = [];
  const dispatch = ({ url }) => urls.push(url.replace(/(sId|random)=[\\d.]+/g, "$1"));
  const client = face.launch({ settingsFile: ${JSON.stringify(settingsFile)}, dispatch });
  const options = { customVariables: { city: "Aix" } };
  return { result: client.track("AB1", "Ashley", "SIGNUP", options), urls, why: client.explain("AB1", "Bill", "SIGNUP") };
}`;
const program = `import * as face from "aftercall/vwo-fullstack";\nconsole.log(JSON.stringify((${use})(face)));\n`;

test("the installed aftercall/vwo-fullstack", async (t) => {
  const shop = await install(t);
  const inNode = (text) => node(shop, "--input-type=module", "--eval", text);
  const expected = await inNode(program);
  const main = join(shop, "main.js");
  await writeFile(main, program);

  await t.test("Node: import", () => {
    assert.deepEqual(expected.result, { AB1: true });
    assert.match(expected.urls[0], /combination=\d&sId&u=5FBBE143B5B0584297909594993D7902&/);
    assert.deepEqual(expected.why, [{ campaignKey: "AB1", tracked: false, reason: "not-in-segment" }]);
  });

  await t.test("Node: require", async () => {
    const text = `console.log(JSON.stringify((${use})(require("aftercall/vwo-fullstack"))));`;
    assert.deepEqual(await node(shop, "--no-warnings", "--input-type=commonjs", "--eval", text), expected);
  });

  await t.test("importing it has no side effect; without WebAssembly it answers null", async () => {
    const text = `
      delete globalThis.WebAssembly;
      const before = Reflect.ownKeys(globalThis);
      const { launch } = await import("aftercall/vwo-fullstack");
      const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key));
      console.log(JSON.stringify([added.length, launch({ settingsFile: {} }).track("AB1", "Ashley", "SIGNUP")]));`;
    assert.deepEqual(await inNode(text), [0, null]);
  });

  for (const [name, bundle] of Object.entries(bundlers))
    await t.test(name, async () => assert.deepEqual(await node(shop, await bundle(shop, main)), expected));

  await t.test("edge-light: the module is imported, compiled", async () =>
    assert.deepEqual(await node(shop, await edgeLight(shop, main, "vwo-fullstack.wasm")), expected),
  );

  await t.test("workerd: what is tracked is delivered before the worker returns", async () => {
    const worker = `
      import * as face from "aftercall/vwo-fullstack";
      const use = ${use};
      const settingsFile = ${JSON.stringify(settingsFile)};
      export default {
        async fetch(request, env, context) {
          const client = face.launch({ settingsFile });
          const result = client.track("AB1", "Ashley", "SIGNUP", { customVariables: { city: "Aix" } });
          const { pathname } = new URL(request.url);
          if (pathname !== "/") {
            const told = client.flush().then(([{ outcome }]) => fetch("https://shop.example/" + outcome));
            if (pathname === "/later") context.waitUntil(told);
            return Response.json({ result });
          }
          const deliveries = await client.flush();
          const outcomes = deliveries.map(({ outcome, status, attempts }) => [outcome, status, attempts]);
          return Response.json({ result, outcomes, answers: use(face) });
        },
      };`;
    const arrived = [];
    const outboundService = async (request) => {
      // Longer than the worker needs for everything else.
      await new Promise((resolve) => setTimeout(resolve, 300));
      arrived.push(request.url);
      return new Response("");
    };
    const workerd = await inWorkerd(shop, worker, "vwo-fullstack.wasm", { outboundService });
    try {
      const get = async (path) => (await workerd.dispatchFetch(`http://localhost${path}`)).json();
      const { result, outcomes, answers } = await get("/");
      assert.deepEqual(result, { AB1: true });
      assert.deepEqual(outcomes, [["accepted", 200, 1]]);
      assert.equal(arrived.length, 1);
      assert.match(arrived[0], /^https:\/\/dev\.visualwebsiteoptimizer\.com\/server-side\/track-goal\?/);
      assert.deepEqual(answers, expected);
      // A worker that ends with its answer gets none to its own requests, and so has nothing to tell.
      assert.deepEqual(await get("/lost"), { result: { AB1: true } });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const told = () => arrived.filter((url) => url.startsWith("https://shop.example/"));
      assert.deepEqual(told(), []);
      assert.deepEqual(await get("/later"), { result: { AB1: true } });
      for (let waits = 0; told().length < 1 && waits < 50; waits++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(told(), ["https://shop.example/accepted"], "flush lets the worker outlive its answer");
    } finally {
      await workerd.dispose();
    }
  });
});
