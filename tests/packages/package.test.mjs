// The packed tarball, installed: every entry, in Node, in three bundlers and in workerd, must give the same answers.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { build as esbuild } from "esbuild";
import { assertComplete, install, node, use } from "./pack.mjs";
import { bundlers, edgeLight, inWorkerd } from "./runtimes.mjs";

/** A program over one entry, that prints its answer. */
const program = (entry, start = "") =>
  `import * as face from ${JSON.stringify(entry)};\n${start}\nconsole.log(JSON.stringify((${use})(face)));\n`;

const startSlim = `import { readFileSync } from "node:fs";
face.initSync(readFileSync(new URL(import.meta.resolve("aftercall/aftercall.wasm"))));`;

test("the installed package", async (t) => {
  const shop = await install(t);
  const inNode = (text) => node(shop, "--input-type=module", "--eval", text);
  /** What every other way must answer. */
  const expected = await inNode(program("aftercall"));
  const main = join(shop, "main.js");
  await writeFile(main, program("aftercall"));

  await t.test("Node: import", () => assertComplete(expected));

  await t.test("Node: aftercall/js", async () => assert.deepEqual(await inNode(program("aftercall/js")), expected));

  await t.test("Node: aftercall/slim", async () =>
    assert.deepEqual(await inNode(program("aftercall/slim", startSlim)), expected),
  );

  await t.test("Node: aftercall/slim, from a response", async () => {
    const start = `import { readFileSync } from "node:fs";
      const bytes = readFileSync(new URL(import.meta.resolve("aftercall/aftercall.wasm")));
      await face.init(new Response(bytes, { headers: { "Content-Type": "application/wasm" } }));`;
    assert.deepEqual(await inNode(program("aftercall/slim", start)), expected);
  });

  await t.test("Node: require", async () => {
    for (const entry of ["aftercall", "aftercall/js"]) {
      // Node 20 warns that requiring an ES module is new to it.
      const text = `console.log(JSON.stringify((${use})(require(${JSON.stringify(entry)}))));`;
      assert.deepEqual(await node(shop, "--no-warnings", "--input-type=commonjs", "--eval", text), expected);
    }
  });

  await t.test("importing an entry has no side effect and needs no WebAssembly", async () => {
    for (const entry of ["aftercall", "aftercall/js", "aftercall/slim"]) {
      const text = `
        delete globalThis.WebAssembly;
        const before = Reflect.ownKeys(globalThis);
        await import(${JSON.stringify(entry)});
        console.log(JSON.stringify(Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String)));`;
      assert.deepEqual(await inNode(text), [], entry);
    }
  });

  await t.test("without WebAssembly: aftercall says so, aftercall/js works", async () => {
    const without = (entry) => `
      delete globalThis.WebAssembly;
      const face = await import(${JSON.stringify(entry)});
      console.log(JSON.stringify((${use})(face)));`;
    assert.deepEqual(await inNode(without("aftercall/js")), expected);
    const context = `
      delete globalThis.WebAssembly;
      const { capture } = await import("aftercall");
      console.log(JSON.stringify(capture({}).problems.map(({ code }) => code)));`;
    assert.deepEqual(await inNode(context), ["wasm-blocked"]);
  });

  await t.test("a server without a page: no-page", async () => {
    const text = `import { capture } from "aftercall"; console.log(JSON.stringify(capture().problems.map(({ code }) => code)));`;
    assert.deepEqual(await inNode(text), ["no-page"]);
  });

  for (const [name, bundle] of Object.entries(bundlers))
    await t.test(name, async () => assert.deepEqual(await node(shop, await bundle(shop, main)), expected));

  await t.test("what is not used is not bundled", async () => {
    const unused = join(shop, "unused.js");
    await writeFile(unused, `import { capture } from "aftercall"; import "aftercall/js"; console.log(1);`);
    const { outputFiles } = await esbuild({
      entryPoints: [unused],
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "error",
    });
    assert.ok(outputFiles[0].text.length < 200, outputFiles[0].text.slice(0, 400));
  });

  await t.test("workerd: a worker that reads the request's cookies", async () => {
    const worker = `
      import * as face from "aftercall";
      const use = ${use};
      export default {
        fetch(request) {
          const visitor = face.capture({ cookie: request.headers.get("Cookie") });
          return Response.json({ token: face.stash(visitor), answers: use(face) });
        },
      };`;
    const workerd = await inWorkerd(shop, worker, "aftercall.wasm");
    try {
      const response = await workerd.dispatchFetch("http://localhost/", {
        headers: { Cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" },
      });
      const { token, answers } = await response.json();
      assert.deepEqual(answers, expected);
      const { kameleoon } = await inNode(
        `import { unstash } from "aftercall"; console.log(JSON.stringify(unstash(${JSON.stringify(token)})));`,
      );
      assert.equal(kameleoon.visitorCode, "l200u3djm8kovq4o");
    } finally {
      await workerd.dispose();
    }
  });

  await t.test("edge-light: the module is imported, compiled", async () =>
    assert.deepEqual(await node(shop, await edgeLight(shop, main, "aftercall.wasm")), expected),
  );

  await t.test("everything that package.json names is in the package", async () => {
    const root = join(shop, "node_modules", "aftercall");
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const named = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(named));
    const paths = [...named(manifest.exports), manifest.types, manifest.unpkg, manifest.jsdelivr];
    assert.ok(paths.length > 10);
    for (const path of paths) await readFile(join(root, path));
    // The version in the script tag is the package's.
    assert.ok((await readFile(join(root, manifest.unpkg), "utf8")).includes(`"${manifest.version}"`));
    assert.equal(manifest.scripts?.install ?? manifest.scripts?.postinstall, undefined);
  });

  await t.test("the examples in the types run", async () => {
    const root = join(shop, "node_modules", "aftercall", "dist", "types");
    let ran = 0;
    for (const file of ["index.d.ts", "slim.d.ts", "vwo-fullstack.d.ts"]) {
      const text = await readFile(join(root, file), "utf8");
      for (const [, comment] of text.matchAll(/```js\n([\s\S]*?)```/g)) {
        const example = comment.replace(/^\s*\* ?/gm, "");
        // `expression; // → value` becomes an assertion.
        const asserting = example.replace(/^(.+); \/\/ → (.+)$/gm, "assert.deepEqual($1, $2);");
        assert.notEqual(asserting, example, "an example shows a result");
        await inNode(`import assert from "node:assert/strict";\n${asserting}\nconsole.log("null");`);
        ran += 1;
      }
    }
    assert.ok(ran >= 7);
  });
});
