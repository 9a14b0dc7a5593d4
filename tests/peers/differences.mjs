// Where our requests differ from an SDK's on purpose. Such a difference has a name, a reason, and a function that turns what
// the SDK said into what is due of us. Nothing is ignored: all that is left after these is compared.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

/**
 * A table of differences: `{name: {why, due(said, input)}}`. `due` answers what is due in place of `said`.
 * `apply` goes through them in order; `allMet` fails where one of them changed nothing in all inputs: it is history.
 */
export function differences(table) {
  const met = new Set();
  return {
    apply(said, input) {
      let value = structuredClone(said);
      for (const [name, { due }] of Object.entries(table)) {
        const before = value;
        value = due(structuredClone(before), input);
        if (!isDeepStrictEqual(value, before)) met.add(name);
      }
      return value;
    },
    allMet(t) {
      for (const [name, { why }] of Object.entries(table)) t.diagnostic(`on purpose: ${name}: ${why}`);
      assert.deepEqual(
        Object.keys(table).filter((name) => !met.has(name)),
        [],
        "differences that no input showed",
      );
    },
  };
}
