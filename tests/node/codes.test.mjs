// Codes are what users compare: each one that can come out is in the types.
import assert from "node:assert/strict";
import test from "node:test";
import { facadeSources, read } from "./documents.mjs";

const found = (text, pattern) => [...text.matchAll(pattern)].map(([, code]) => code);

test("every code of the core and of the facade is in the types", () => {
  const [, union] = read("www/types/index.d.ts").match(/export type Code =([^;]+);/);
  const typed = found(union, /"([a-z-]+)"/g);
  const core = found(read("src/values/problem.rs"), /^ {4}[A-Z]\w+ "([a-z-]+)" "/gm);
  const facade = [
    ...found(facadeSources, /AftercallError\("([a-z-]+)"/g),
    ...found(facadeSources, /code: "([a-z-]+)"/g),
    ...found(facadeSources, /code \|\| "([a-z-]+)"/g),
  ];
  assert.ok(core.length >= 20 && new Set(facade).size === 9, "the patterns still find them");
  assert.deepEqual(
    [...core, ...facade].filter((code) => !typed.includes(code)),
    [],
  );
  assert.equal(new Set(typed).size, typed.length);
});
