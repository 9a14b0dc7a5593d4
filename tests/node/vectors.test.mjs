// The published vectors through all builds: WebAssembly, its JavaScript twin and the script tag's must say what the vectors
// say, and the same bytes.
import assert from "node:assert/strict";
import test from "node:test";
import * as wasm from "../../dist/index.js";
import * as twin from "../../dist/js.js";
import { ask, casesOf, LeftOut } from "../vectors.mjs";
import { nowasm } from "./nowasm.mjs";

/** The script tag offers no batches. */
const tag = { ...nowasm, conversionBatches: twin.conversionBatches };

/** A face that notes every answer, as text. */
function noting(face) {
  const answers = [];
  const note =
    (call) =>
    (...args) => {
      const answer = call(...args);
      answers.push(JSON.stringify(answer));
      return answer;
    };
  const { capture, conversionRequests, conversionBatches } = face;
  return {
    answers,
    capture: note(capture),
    conversionRequests: note(conversionRequests),
    conversionBatches: note(conversionBatches),
  };
}

for (const [file, rules] of Object.entries(ask)) {
  const cases = casesOf(file);

  test(`${file}.json`, (t) => {
    const leftOut = new Map();
    const wrong = [];
    for (const { name, input, expected } of cases) {
      const rule = typeof rules === "function" ? rules : rules[input.kind];
      const faces = { wasm: noting(wasm), twin: noting(twin), nowasm: noting(tag) };
      for (const [which, face] of Object.entries(faces)) {
        let result;
        try {
          result = rule(input, expected, face);
          if (result instanceof LeftOut) {
            if (which === "wasm") leftOut.set(result.why, (leftOut.get(result.why) ?? 0) + 1);
            continue;
          }
          // As JSON: what is undefined is absent.
          const [said, due] = result.map((value) => JSON.parse(JSON.stringify({ value })));
          assert.deepEqual(said, due);
        } catch (error) {
          wrong.push(`${name} (${which}): ${error.message}`);
        }
      }
      for (const which of ["twin", "nowasm"])
        if (faces.wasm.answers.join("\n") !== faces[which].answers.join("\n")) wrong.push(`${name}: ${which} differs`);
    }
    const out = [...leftOut].map(([why, count]) => `; left out ${count}: ${why}`).join("");
    const ran = cases.length - [...leftOut.values()].reduce((sum, count) => sum + count, 0);
    t.diagnostic(`${file}.json: ${ran} of ${cases.length} cases${out}`);
    assert.ok(ran > 0);
    assert.equal(wrong.length, 0, `${wrong.length} wrong\n\n${wrong.slice(0, 5).join("\n\n")}`);
  });
}
