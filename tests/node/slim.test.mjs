// `aftercall/slim`: the module is the user's to load.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./bundle.mjs";

/** Counts its starts, and fails while it is told to. */
const loader = {
  load: `async (source) => source`,
  start: `(module) => { globalThis.starts = (globalThis.starts ?? 0) + 1; if (!module) throw new TypeError("no module"); }`,
};
const slim = async () => {
  globalThis.starts = 0;
  return load("entries/slim.ts", loader);
};
test.after(() => {
  delete globalThis.starts;
});

test("before the start: a problem of capture, an error of the others", async () => {
  const { capture, stash, stashParts, unstash, conversionRequests, checkSettings, initSync } = await slim();
  assert.deepEqual(
    capture({ cookie: "a=1" }).problems.map(({ code }) => code),
    ["not-started"],
  );
  const calls = [
    () => stash({}),
    () => stashParts({}, 40),
    () => unstash("A"),
    () => conversionRequests({}, { id: "1" }),
    () => checkSettings({}),
  ];
  for (const call of calls) assert.throws(call, { name: "AftercallError", code: "not-started", message: /init\(\)/ });
  initSync(new Uint8Array(1));
  assert.deepEqual(capture({}).problems, []);
  assert.equal(stash({}), "");
});

test("init starts once; later calls return the first promise", async () => {
  const { init, initSync, capture } = await slim();
  const first = init("aftercall.wasm");
  assert.equal(init("another.wasm"), first);
  assert.equal(await first, undefined);
  assert.equal(init("another.wasm"), first);
  initSync(new Uint8Array(1));
  assert.equal(globalThis.starts, 1);
  assert.deepEqual(capture({}).problems, []);
});

test("initSync first: init has nothing left to do", async () => {
  const { init, initSync } = await slim();
  initSync(new Uint8Array(1));
  initSync(new Uint8Array(1));
  await init("aftercall.wasm");
  assert.equal(globalThis.starts, 1);
});

test("after a failure the next call tries again", async () => {
  const { init, initSync, capture } = await slim();
  await assert.rejects(init(Promise.reject(new Error("offline"))), /offline/);
  assert.throws(() => initSync(undefined), /no module/);
  assert.equal(capture({}).problems[0].code, "not-started");
  await init("aftercall.wasm");
  assert.deepEqual(capture({}).problems, []);
});
