// The packed tarball, installed: every entry, in Node, in three bundlers and in workerd, must give the same answers.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { Miniflare } from "miniflare";
import { build as vite } from "vite";
import webpack from "webpack";
import { assertComplete, install, node, use } from "./pack.mjs";

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

  await t.test("esbuild", async () => {
    const outfile = join(shop, "esbuild.mjs");
    await esbuild({ entryPoints: [main], outfile, bundle: true, minify: true, format: "esm", logLevel: "silent" });
    assert.deepEqual(await node(shop, outfile), expected);
  });

  await t.test("Vite", async () => {
    const rollupOptions = { input: main, output: { entryFileNames: "vite.mjs" } };
    await vite({ root: shop, logLevel: "silent", build: { outDir: "vite", emptyOutDir: true, rollupOptions } });
    assert.deepEqual(await node(shop, join("vite", "vite.mjs")), expected);
  });

  await t.test("webpack", async () => {
    const stats = await promisify(webpack)({
      context: shop,
      entry: main,
      mode: "production",
      target: "web",
      output: { path: join(shop, "webpack"), filename: "webpack.cjs" },
    });
    assert.equal(stats.toString({ all: false, errors: true, warnings: true }), "");
    assert.deepEqual(await node(shop, join("webpack", "webpack.cjs")), expected);
  });

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
    const worker = join(shop, "worker.js");
    await writeFile(
      worker,
      `import * as face from "aftercall";
       const use = ${use};
       export default {
         fetch(request) {
           const visitor = face.capture({ cookie: request.headers.get("Cookie") });
           return Response.json({ token: face.stash(visitor), answers: use(face) });
         },
       };`,
    );
    const out = join(shop, "workerd");
    await esbuild({
      entryPoints: [worker],
      outdir: out,
      bundle: true,
      format: "esm",
      conditions: ["workerd"],
      loader: { ".wasm": "copy" },
      assetNames: "[name]",
      logLevel: "silent",
    });
    const files = await readdir(out);
    const modules = await Promise.all(
      files.map(async (path) => ({
        type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
        path: join(out, path),
        contents: await readFile(join(out, path)),
      })),
    );
    assert.deepEqual(files.sort(), ["aftercall.wasm", "worker.js"]);
    // The first module is the worker.
    modules.sort((a) => (a.type === "ESModule" ? -1 : 1));
    const miniflare = new Miniflare({ modules, modulesRoot: out, compatibilityDate: "2025-01-01" });
    try {
      const response = await miniflare.dispatchFetch("http://localhost/", {
        headers: { Cookie: "kameleoonVisitorCode=l200u3djm8kovq4o" },
      });
      const { token, answers } = await response.json();
      assert.deepEqual(answers, expected);
      const { kameleoon } = await inNode(
        `import { unstash } from "aftercall"; console.log(JSON.stringify(unstash(${JSON.stringify(token)})));`,
      );
      assert.equal(kameleoon.visitorCode, "l200u3djm8kovq4o");
    } finally {
      await miniflare.dispose();
    }
  });

  await t.test("edge-light: the module is imported, compiled", async () => {
    const outfile = join(shop, "edge-light.mjs");
    const bytes = join(shop, "node_modules", "aftercall", "dist", "aftercall.wasm");
    // That runtime's bundler hands a compiled module to the import with ?module; here Node compiles it.
    const compiled = {
      name: "edge-light",
      setup(build) {
        build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
          path: join(resolveDir, path.replace("?module", "")),
          namespace: "compiled",
        }));
        build.onLoad({ filter: /.*/, namespace: "compiled" }, ({ path }) => {
          assert.equal(path, bytes);
          const contents = `import { readFileSync } from "node:fs";
            export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`;
          return { contents };
        });
      },
    };
    const options = {
      bundle: true,
      format: "esm",
      conditions: ["edge-light"],
      external: ["node:fs"],
      plugins: [compiled],
    };
    await esbuild({ ...options, entryPoints: [main], outfile, logLevel: "silent" });
    assert.deepEqual(await node(shop, outfile), expected);
  });

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
    for (const file of ["index.d.ts", "slim.d.ts"]) {
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
    assert.ok(ran >= 6);
  });
});
