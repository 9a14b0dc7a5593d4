// FullStack's glue, which is written by hand, over the module as it is built: texts cross whole, memory may grow, and an
// instance can be thrown away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { settings } from "../../xtask/fullstack-sample.mjs";
import { load } from "./bundle.mjs";

const wasm = new URL("../../dist/vwo-fullstack.wasm", import.meta.url);

async function started() {
  const { instance } = await load("instance.ts");
  return instance(new WebAssembly.Module(await readFile(wasm)));
}

const tracked = (engine, client, userId) =>
  engine.ask(client, 0, 0, "AB0", userId, "CUSTOM", "", 1_700_000_000_000, 0.5);

test("texts cross whole, whatever they are written with", async () => {
  const engine = await started();
  const asked = [];
  const storage = (name) => ({ get: (...texts) => asked.push([name, ...texts]) && "{}", set: () => true });
  const one = engine.launch(JSON.stringify(settings(1)), "{}", storage("one"));
  const two = engine.launch(JSON.stringify(settings(1)), "{}", storage("two"));
  for (const userId of ["plain", "ü", "a€", "😀b"]) {
    tracked(engine, one, userId);
    tracked(engine, two, userId);
    assert.deepEqual(asked.splice(0), [
      ["one", userId, "AB0"],
      ["two", userId, "AB0"],
    ]);
  }
});

test("memory grows under what is already there", async () => {
  const engine = await started();
  const small = engine.launch(JSON.stringify(settings(1)), "{}", undefined);
  const before = tracked(engine, small, "ü");
  assert.match(before, /^=[0-9a-f]{32}https:\/\/dev\.visualwebsiteoptimizer\.com\//);
  const large = engine.launch(JSON.stringify(settings(20_000)), "{}", undefined);
  assert.match(tracked(engine, large, "ü"), /^=/);
  assert.equal(tracked(engine, small, "ü"), before);
  engine.end(large);
  assert.equal(tracked(engine, small, "ü"), before);
});

test("a new instance knows nothing of the old one, and answers the same", async () => {
  const engine = await started();
  const asked = [];
  const storage = { get: (userId) => asked.push(userId) && undefined, set: () => true };
  const before = engine.launch(JSON.stringify(settings(1)), "{}", storage);
  tracked(engine, before, "u");
  assert.deepEqual(asked, ["u"]);
  engine.restart();
  const after = engine.launch(JSON.stringify(settings(1)), "{}", undefined);
  assert.match(tracked(engine, after, "u"), /^=/);
  assert.deepEqual(asked, ["u"]);
});
