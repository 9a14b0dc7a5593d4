// The ways in which a user's program with the package in it gets to run: bundlers, and runtimes that compile no bytes.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { Miniflare } from "miniflare";
import { build as vite } from "vite";
import webpack from "webpack";

/** Each takes the folder of an installed package and a program in it, and returns the bundle's path in that folder. */
export const bundlers = {
  async esbuild(shop, main) {
    const outfile = join(shop, "esbuild.mjs");
    await esbuild({ entryPoints: [main], outfile, bundle: true, minify: true, format: "esm", logLevel: "silent" });
    return outfile;
  },

  async Vite(shop, main) {
    const rollupOptions = { input: main, output: { entryFileNames: "vite.mjs" } };
    await vite({ root: shop, logLevel: "silent", build: { outDir: "vite", emptyOutDir: true, rollupOptions } });
    return join("vite", "vite.mjs");
  },

  async webpack(shop, main) {
    const stats = await promisify(webpack)({
      context: shop,
      entry: main,
      mode: "production",
      target: "web",
      performance: { hints: false }, // the sizes are watched elsewhere
      output: { path: join(shop, "webpack"), filename: "webpack.cjs" },
    });
    assert.equal(stats.toString({ all: false, errors: true, warnings: true }), "");
    return join("webpack", "webpack.cjs");
  },
};

/**
 * Bundles a worker and runs it in workerd. `wasm` is the module that it must bring along, as a file.
 * @param {string} shop
 * @param {string} source
 * @param {string} wasm
 * @param {import("miniflare").MiniflareOptions} [options]
 */
export async function inWorkerd(shop, source, wasm, options) {
  const worker = join(shop, "worker.js");
  await writeFile(worker, source);
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
  assert.deepEqual(files.sort(), [wasm, "worker.js"].sort());
  // The first module is the worker.
  modules.sort((a) => (a.type === "ESModule" ? -1 : 1));
  return new Miniflare({ modules, modulesRoot: out, compatibilityDate: "2025-01-01", ...options });
}

/** Bundles for Vercel's edge, whose bundler hands a compiled module to an import with `?module`; here Node compiles it. */
export async function edgeLight(shop, main, wasm) {
  const outfile = join(shop, "edge-light.mjs");
  const bytes = join(shop, "node_modules", "aftercall", "dist", wasm);
  let imported = 0;
  const compiled = {
    name: "edge-light",
    setup(build) {
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace("?module", "")),
        namespace: "compiled",
      }));
      build.onLoad({ filter: /.*/, namespace: "compiled" }, ({ path }) => {
        assert.equal(path, bytes);
        imported += 1;
        const contents = `import { readFileSync } from "node:fs";
          export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`;
        return { contents };
      });
    },
  };
  await esbuild({
    entryPoints: [main],
    outfile,
    bundle: true,
    format: "esm",
    conditions: ["edge-light"],
    external: ["node:fs"],
    plugins: [compiled],
    logLevel: "silent",
  });
  assert.equal(imported, 1);
  return outfile;
}
