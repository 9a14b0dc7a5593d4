// The answers that the native tests are held to are those of this JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { file } from "../vectors/javascript.mjs";

test("javascript.json is what javascript.mjs prints here", () => {
  assert.equal(readFileSync(new URL("../vectors/javascript.json", import.meta.url), "utf8"), file());
});
