// FullStack's glue, which is written by hand, over the module as it is built: texts cross whole, memory may grow, calls within
// calls and newer settings find it in order, and instances know nothing of each other.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { settings } from "../../xtask/fullstack-sample.mjs";
import { load } from "./bundle.mjs";

const wasm = new URL("../../dist/vwo-fullstack.wasm", import.meta.url);

/** Starts an instance with a client of so many campaigns. */
async function starting() {
  const { instance } = await load("instance.ts");
  const module = new WebAssembly.Module(await readFile(wasm));
  return (campaigns, storage) => {
    const engine = instance(module, storage);
    engine.launch(JSON.stringify(settings(campaigns)), "{}");
    return (userId) => engine.ask(0, 0, "AB0", userId, "CUSTOM", "", 1_700_000_000_000, 0.5);
  };
}

/** What comes of one campaign that is tracked by one GET. */
const request = /^=[0-9a-f]{32}https:\/\/dev\.visualwebsiteoptimizer\.com\//;

test("texts cross whole, whatever they are written with, each to its own storage", async () => {
  const start = await starting();
  const asked = [];
  const storage = (name) => ({ get: (...texts) => asked.push([name, ...texts]) && "{}", set: () => true });
  const one = start(1, storage("one"));
  const two = start(1, storage("two"));
  for (const userId of ["plain", "ü", "a€", "😀b"]) {
    one(userId);
    two(userId);
    assert.deepEqual(asked.splice(0), [
      ["one", userId, "AB0"],
      ["two", userId, "AB0"],
    ]);
  }
});

test("memory grows at launch and within a call", async () => {
  const start = await starting();
  const small = start(1);
  const large = start(20_000);
  for (const userId of ["u", "ü", "é".repeat(3_000_000), "u"]) {
    const answer = small(userId);
    assert.match(answer, request);
    assert.equal(small(userId), answer);
    assert.match(large(userId), request);
  }
});

test("a call within a call leaves the memory of the one around it alone", async () => {
  const start = await starting();
  const record = JSON.stringify({ campaignKey: "AB0", variationName: "Control" });
  const alone = start(1, { get: () => record, set: () => true });
  const inner = [];
  const nesting = start(1, {
    get(userId) {
      if (userId === "outer")
        for (const other of ["i", "ï".repeat(100_000), "inner"]) inner.push([other, nesting(other)]);
      return record;
    },
    set: () => true,
  });
  for (let round = 0; round < 3; round++) assert.equal(nesting("outer"), alone("outer"));
  assert.equal(inner.length, 9);
  for (const [userId, answer] of inner) assert.equal(answer, alone(userId));
});

test("newer settings are there for all calls that follow, and one that is of no use changes nothing", async () => {
  const { instance } = await load("instance.ts");
  const { createFullstack } = await load("fullstack.ts");
  const module = new WebAssembly.Module(await readFile(wasm));
  const { launch } = createFullstack((storage) => instance(module, storage));
  const lines = [];
  const log = (level, line) => lines.push([level, line]);
  const client = launch({ settingsFile: settings(1), dispatch() {}, log });
  const tracked = () => [client.track("AB0", "u", "CUSTOM"), client.track("AB1", "u".repeat(10_000), "CUSTOM")];
  assert.deepEqual(tracked(), [{ AB0: true }, { AB1: false }]);
  client.updateSettings(settings(2));
  for (let round = 0; round < 3; round++) assert.deepEqual(tracked(), [{ AB0: true }, { AB1: true }]);
  lines.length = 0;
  client.updateSettings({});
  assert.deepEqual(lines, [["error", "The settings file is of no use: version is missing or wrong."]]);
  for (let round = 0; round < 3; round++) assert.deepEqual(tracked(), [{ AB0: true }, { AB1: true }]);
});
