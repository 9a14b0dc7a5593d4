// Golden tokens through both builds, and through a second reader that shares no code with them: three ways to the same
// context, for ever.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import { nowasm } from "./nowasm.mjs";
import { readToken } from "./token-reader.mjs";

const cases = JSON.parse(readFileSync(new URL("../golden/tokens.json", import.meta.url), "utf8"));
/** As JSON: what is undefined is absent. */
const plain = (value) => JSON.parse(JSON.stringify(value));

test("there are as many golden tokens as ever", () => {
  assert.ok(cases.length >= 10);
});

for (const { name, context, token, parts } of cases) {
  const due = { ...context, problems: [] };
  for (const [build, face] of Object.entries({ wasm, twin, nowasm }))
    test(`${name}: ${build}`, () => {
      assert.equal(face.stash(context), token);
      assert.deepEqual(face.unstash(token), due);
      if (!parts) return;
      assert.deepEqual(face.stashParts(context, 80), parts);
      assert.deepEqual(face.unstash([...parts].reverse()), due);
    });
  test(`${name}: a second reader`, () => {
    assert.deepEqual(plain(readToken(token)), due);
    if (parts) assert.deepEqual(plain(readToken(parts)), due);
  });
}
