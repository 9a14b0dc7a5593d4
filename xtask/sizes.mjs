// What a visitor downloads: every file of dist/, weighed against its budget and its guard.
//
//   node xtask/sizes.mjs             the table
//   node xtask/sizes.mjs --check     fails where a file outgrew its guard
//   node xtask/sizes.mjs --record    takes today's sizes as the new guards: sizes.json
//
// A budget is what we promise; a guard is what we reached. A change that costs bytes is thereby seen, and paid on purpose.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bold, dim, green, main, project, red } from "./run.mjs";

/** Bytes, brotli -11. `dist/js.js` is loaded only where a policy forbids wasm. */
const budgets = {
  "dist/aftercall.js": 10_000,
  "dist/aftercall.wasm": 8_000,
  "target/www/glue.min.js": 2_000,
  "dist/js.js": 13_000,
  "dist/deliver.js": 42_000,
  "dist/vwo-fullstack.js": 28_000,
};

/** A compiler's patch release may move a few bytes. */
const slack = 1.01;

const guardFile = join(project, "xtask", "sizes.json");
const readGuards = async () => JSON.parse(await readFile(guardFile, "utf8").catch(() => "{}"));

/** Every file with its sizes, its guard, its budget. */
export async function weigh() {
  const guards = await readGuards();
  const shipped = (await readdir(join(project, "dist"))).filter((name) => /\.(js|wasm)$/.test(name));
  const files = new Set([...Object.keys(budgets), ...shipped.sort().map((name) => `dist/${name}`)]);
  return Promise.all(
    [...files].map(async (file) => {
      const bytes = await readFile(join(project, file));
      const brotli = brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      });
      return {
        file,
        raw: bytes.length,
        gzip: gzipSync(bytes, { level: 9 }).length,
        brotli: brotli.length,
        guard: guards[file],
        budget: budgets[file],
      };
    }),
  );
}

/** The table as text. */
export function table(weights) {
  const columns = ["raw", "gzip", "brotli", "guard", "budget"];
  const width = Math.max(...weights.map(({ file }) => file.length));
  const number = (value) => (value === undefined ? "" : value.toLocaleString("en")).padStart(8);
  const lines = weights.map((weight) => {
    const state = [
      weight.brotli > weight.guard && red("above its guard"),
      weight.budget && (weight.brotli > weight.budget ? red("over budget") : green("in budget")),
    ].filter(Boolean);
    return `${weight.file.padEnd(width)} ${columns.map((name) => number(weight[name])).join(" ")}  ${state.join(", ")}`;
  });
  const title = `${"bytes".padEnd(width)} ${columns.map((name) => name.padStart(8)).join(" ")}`;
  return [bold(title), ...lines, dim("gzip -9, brotli -11; guard and budget are brotli")].join("\n");
}

/** Fails where a file outgrew its guard, or has none. */
export async function checkSizes() {
  const weights = await weigh();
  const bad = weights.filter(({ brotli, guard }) => !(brotli <= guard));
  if (bad.length > 0) {
    const names = bad.map(({ file }) => file).join(", ");
    throw new Error(
      `${table(weights)}\n\n${names}: above the guard, or without one.\nIf it is worth the bytes: npm run sizes -- --record`,
    );
  }
  return `aftercall.js is ${weights.find(({ file }) => file === "dist/aftercall.js").brotli} bytes`;
}

async function record() {
  const guards = (await weigh()).map(({ file, brotli }) => [file, Math.ceil(brotli * slack)]);
  await writeFile(guardFile, `${JSON.stringify(Object.fromEntries(guards), null, 2)}\n`);
}

await main(import.meta.url, async () => {
  if (process.argv.includes("--record")) await record();
  if (process.argv.includes("--check")) await checkSizes();
  console.log(table(await weigh()));
});
