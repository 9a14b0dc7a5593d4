// Modules as packed text: www/unpack.ts makes them again from what xtask/pack.mjs wrote.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { pack } from "../../xtask/pack.mjs";
import { load } from "./bundle.mjs";

const { unpack } = await load("unpack.ts");

/** A module of one function without parameters and results. */
const module = (...body) =>
  Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
    ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b],
  ]);

const DROP = 0x1a;

test("what is packed is the same module again", async () => {
  const fullstack = await readFile(new URL("../../dist/vwo-fullstack.wasm", import.meta.url));
  assert.deepEqual(Buffer.from(unpack(pack(fullstack))), fullstack);
  for (const [what, body] of Object.entries({
    nothing: [],
    "constants of every size and sign": [
      ...[0x41, 0x00, DROP, 0x41, 0x3f, DROP, 0x41, 0x40, DROP, 0x41, 0xc0, 0x00, DROP, 0x41, 0xbf, 0x7f, DROP],
      ...[0x41, 0x80, 0x80, 0xc0, 0x00, DROP, 0x41, 0xff, 0xff, 0xff, 0x00, DROP], // where data begins, and one less than 2 MiB
      ...[0x41, 0x80, 0x80, 0x80, 0x80, 0x78, DROP, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, DROP], // the least and the greatest
      ...[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, DROP, 0x44, 1, 2, 3, 4, 5, 6, 7, 255, DROP],
    ],
    "loads and stores with alignments of their own and others": [
      ...[0x41, 0, 0x28, 2, 0x80, 0x01, DROP, 0x41, 0, 0x28, 0, 5, DROP, 0x41, 0, 0x41, 0, 0x3a, 0, 0],
      ...[0x41, 0, 0x42, 0, 0x37, 1, 0x90, 0x4e],
    ],
    "blocks within blocks, and a table of branches": [
      ...[0x02, 0x40, 0x03, 0x40, 0x41, 0, 0x04, 0x40, 0x0c, 2, 0x05, 0x0b, 0x41, 1, 0x0e, 2, 0, 1, 2, 0x0b, 0x0b],
    ],
    "memory that is copied, filled and grown": [
      ...[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 0, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0],
      ...[0x41, 0, 0x40, 0, DROP, 0x3f, 0, DROP, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0xfc, 2, DROP],
    ],
  })) {
    const bytes = module(...body);
    assert.ok(WebAssembly.validate(bytes), what);
    assert.deepEqual(unpack(pack(bytes)), bytes, what);
  }
});

test("an instruction that would not come back is refused", () => {
  assert.throws(() => pack(module(0xd0, 0x6f, DROP)), /instruction 0xd0/); // ref.null
  assert.throws(() => pack(module(0xfc, 9, 0)), /instruction 0xfc 9/); // data.drop
  assert.throws(() => pack(module(0x08, 0)), /instruction 0x8/); // throw
  assert.throws(() => pack(module(0x12, 0)), /instruction 0x12/); // return_call
});
