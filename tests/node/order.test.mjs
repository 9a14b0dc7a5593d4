// Modules whose functions stand in another order: xtask/order.mjs.
import assert from "node:assert/strict";
import test from "node:test";
import binaryen from "binaryen";
import { ordered } from "../../xtask/order.mjs";

function assembled(text) {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  try {
    return Buffer.from(module.emitBinary());
  } finally {
    module.dispose();
  }
}

/** Two functions that are alike, each told by its constant, and one between them that is not. */
const text = `(module
  (type $of (func (param i32) (result i32)))
  (import "page" "twice" (func $twice (param i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global $seen (mut i64) (i64.const -1))
  (elem (i32.const 0) $sum $other)
  (func $first (export "first") (param i32) (result i32)
    (call $twice (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.const 1111111))))
  (func $sum (export "sum") (param i32) (result i32)
    (i32.add (call $first (local.get 0)) (call $last (local.get 0))))
  (func $other (export "other") (param i32) (result i32)
    (block $out (loop $again
      (br_table $out $again $out (i32.load8_u offset=300 (local.get 0)))))
    (global.set $seen (i64.const 40))
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 9))
    (i32.sub (call_indirect (type $of) (local.get 0) (i32.const 0)) (i32.load8_u (i32.const 8))))
  (func $last (export "last") (param i32) (result i32)
    (call $twice (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.const 1222222)))))`;

test("the module does what it did, and what is alike stands side by side", async () => {
  const before = assembled(text);
  const after = ordered(before);
  const answers = async (bytes) => {
    const { instance } = await WebAssembly.instantiate(bytes, { page: { twice: (number) => 2 * number } });
    const { first, sum, other, last, table } = instance.exports;
    return [first, sum, other, last, table.get(0), table.get(1)].map((call) => call(5));
  };
  const due = [2222272, 4666766, 4666759, 2444494, 4666766, 4666759];
  assert.deepEqual(await answers(before), due);
  assert.deepEqual(await answers(after), due);
  const lengths = (bytes) => {
    const places = [1111111, 1222222].map((number) => bytes.indexOf(constant(number)));
    assert.ok(places.every((place) => place > 0));
    return places[1] - places[0];
  };
  assert.ok(lengths(after) < 20 && lengths(before) > 40, "the two are neighbours now");
});

test("what holds functions in a form that it does not know is refused", () => {
  const refuses = (text, why) => assert.throws(() => ordered(assembled(`(module ${text})`)), why);
  refuses('(func $a (export "a") (return_call $a))', /instruction 0x12/);
  refuses('(func $a (export "a")) (global $g (export "g") funcref (ref.func $a))', /such globals/);
  refuses('(func $a (export "a") (result funcref) (ref.func $a)) (elem declare func $a)', /order for/);
});

/** `i32.const` of a number that takes four bytes. */
const constant = (number) =>
  Buffer.of(0x41, (number & 127) | 128, ((number >> 7) & 127) | 128, (number >> 14) | 128, 0);
