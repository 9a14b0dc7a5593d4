// Bundles a source of www/ with an engine of the test's own in place of the real one.
import { build } from "esbuild";

/** What the engine is asked for, in order, answering as a page without any platform would: a test overrides what it is about. */
export const quietEngine = {
  capture: `(input) => JSON.stringify({ capturedAt: JSON.parse(input).now, problems: [] })`,
  stash: `() => ""`,
  unstash: `() => '{"capturedAt":0,"problems":[]}'`,
  conversionRequests: `() => '{"requests":[],"skipped":[],"warnings":[]}'`,
  conversionBatches: `() => '{"requests":[],"skipped":[],"warnings":[]}'`,
  checkSettings: `() => "[]"`,
};

/** An engine of such functions. */
export const engineOf = (functions) => {
  const names = Object.keys(quietEngine);
  return (what, ...inputs) => functions[names[what]](...inputs);
};

/**
 * @param {string} source a file of www/
 * @param {{ engine?: Partial<typeof quietEngine>, start?: string, load?: string, format: "esm" | "iife" }} options
 *   The engine's functions as source text: in the bundle they see the bundle's world alone.
 * @returns {Promise<string>}
 */
export async function bundle(source, { engine, start = "() => {}", load = "async () => {}", format }) {
  const functions = Object.entries({ ...quietEngine, ...engine }).map(([name, code]) => `const ${name} = ${code};`);
  const seams = {
    "../engine.js": `${functions.join("\n")}
      const engine = (what, ...inputs) => [${Object.keys(quietEngine)}][what](...inputs);
      export const start = (module) => ((${start})(module), engine);
      export const startBytes = start;`,
    "../load.js": `export const load = ${load};`,
    "#wasm-hex": `export const hex = "00ff7a";`,
  };
  const result = await build({
    entryPoints: [new URL(`../../www/${source}`, import.meta.url).pathname],
    bundle: true,
    write: false,
    format,
    target: "es2022",
    define: {
      __VERSION__: '"1.2.3-test"',
      __MODULE__: '"00ff7a"',
      __INTEGRITY__: '{"outlets":"sha384-o","debug":"sha384-d","nowasm":"sha384-n"}',
    },
    plugins: [
      {
        name: "seams",
        setup(build) {
          build.onResolve({ filter: /^(#.*|\.\.\/(engine|load)\.js)$/ }, ({ path }) => ({ path, namespace: "seam" }));
          build.onLoad({ filter: /.*/, namespace: "seam" }, ({ path }) => ({ contents: seams[path] }));
        },
      },
    ],
  });
  return result.outputFiles[0].text;
}

/** A bundle as a module of its own: each call starts afresh. */
export async function load(source, options = {}) {
  const code = await bundle(source, { ...options, format: "esm" });
  return import(`data:text/javascript,${encodeURIComponent(`${code}\n//# ${Math.random()}`)}`);
}
