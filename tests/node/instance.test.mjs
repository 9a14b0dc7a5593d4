// FullStack's glue, which is written by hand, over the module as it is built: texts cross whole, memory may grow, and
// instances know nothing of each other.
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
