// The core's glue, which is written by hand, over the modules as they are built: texts cross whole, memory may grow, what was
// used is used again, and a trap stops one call alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { load } from "./bundle.mjs";

const { engineOf, startBytes } = await load("engine.ts");
const { Ask } = await load("core.ts");

const dist = (name) => readFile(new URL(`../../dist/${name}`, import.meta.url));
const modules = {
  package: await dist("aftercall.wasm"),
  tag: Buffer.from(/\("([0-9a-f]+)"\);\s*$/.exec(await dist("aftercall.js"))[1], "hex"),
};

const page = (cookie) => JSON.stringify({ page: { cookie }, now: 5 });
/** A text that comes back as it went in: Kameleoon's codes are opaque. */
const code = (engine, text) =>
  JSON.parse(engine(Ask.Capture, page(`kameleoonVisitorCode=${text}`))).kameleoon?.visitorCode;
const exportsOf = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

for (const [name, bytes] of Object.entries(modules)) {
  test(`${name}: nothing is imported, and nothing exported that nobody calls`, () => {
    const module = new WebAssembly.Module(bytes);
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const exported = WebAssembly.Module.exports(module).map((it) => it.name);
    assert.deepEqual(exported.sort(), ["ask", ...(name === "tag" ? [] : ["free"]), "malloc", "memory"]);
  });

  test(`${name}: texts cross whole, whatever they are written with`, () => {
    const engine = startBytes(bytes);
    for (const text of ["plain", "ü", "a€", "😀b", "é".repeat(100)]) assert.equal(code(engine, text), text);
    // Half a character is none.
    assert.equal(code(engine, "a\ud800b"), "a\ufffdb");
    assert.match(engine(Ask.Capture, ""), /"no-page"/);
  });

  test(`${name}: what a call has used the next call uses again`, () => {
    const exported = exportsOf(bytes);
    const engine = engineOf(exported);
    const cookie = `${"a=é; ".repeat(20_000)}kameleoonVisitorCode=245fc`;
    const ask = () => assert.equal(JSON.parse(engine(Ask.Capture, page(cookie))).kameleoon.visitorCode, "245fc");
    const before = exported.memory.buffer.byteLength;
    for (let round = 0; round < 10; round++) ask();
    const after = exported.memory.buffer.byteLength;
    assert.ok(after > before, "it had to grow");
    for (let round = 0; round < 100; round++) ask();
    assert.equal(exported.memory.buffer.byteLength, after);
  });

  test(`${name}: after a trap the next call is answered`, () => {
    const exported = exportsOf(bytes);
    const engine = engineOf(exported);
    const expected = engine(Ask.Capture, page("kameleoonVisitorCode=245fc"));
    for (let round = 0; round < 3; round++) {
      // A text where there is no memory.
      assert.throws(() => exported.ask(Ask.Capture, 0x7fff_0000, 100, 0), WebAssembly.RuntimeError);
      assert.equal(engine(Ask.Capture, page("kameleoonVisitorCode=245fc")), expected);
    }
  });
}

test("the script tag's module has no batches: whoever asks for them checks nothing", () => {
  assert.equal(startBytes(modules.tag)(Ask.ConversionBatches, "{}"), "[]");
});
