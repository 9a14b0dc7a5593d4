// From the Rust core to the files of dist/.
//
//   cargo → wasm-bindgen → wasm-opt → wasm2js ──► target/www/, the module as bytes, hex, JavaScript ─┐
//   cargo, the tag → wasm-bindgen → wasm-opt → wasm2js ─────────────────► target/www/tag/, the same ─┤
//   cargo, FullStack → wasm-bindgen → wasm-opt ─────────────► target/www/fullstack/, as packed text ─┤
//   cargo, delivery → wasm-bindgen → wasm-opt ──────────► target/www/deliver/, as hex, and its glue ─┴─ esbuild ─► dist/
//
// The entries in www/ import `#wasm-hex`, `#twin`, `#tag-twin`, `#fullstack-packed`, `#deliver-glue` and `#deliver-hex`; what
// these stand for is written to target/www/. The core's glue is www/engine.ts, FullStack's www/instance.ts.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ordered } from "./order.mjs";
import { pack } from "./pack.mjs";
import { main, npmBin, project, run, step } from "./run.mjs";
import { setUp } from "./setup.mjs";

const at = (...path) => join(project, ...path);
const dist = at("dist");
const parts = at("target", "www");

/** Where cargo keeps crates. Its path must not get into what is shipped: the same commit gives the same bytes everywhere. */
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");

/**
 * Compile the core, this one package alone: in the whole workspace other members would turn features on. And as a module
 * alone: what becomes an rlib as well cargo builds without link-time optimisation, whatever the profile says.
 */
async function cargo(targetDir, { features = "lean", flags = "" } = {}) {
  await run(
    "cargo",
    // biome-ignore format: options stand next to their values
    ["rustc", "--crate-type", "cdylib", "--locked", "--package", "aftercall", "--lib",
      "--target", "wasm32-unknown-unknown", "--profile", "wasm", "--features", features, "--target-dir", targetDir],
    { env: { RUSTFLAGS: `--remap-path-prefix=${cargoHome}=cargo ${flags}` } },
  );
  return join(targetDir, "wasm32-unknown-unknown", "wasm", "aftercall.wasm");
}

const bindgen = (target, module, out) =>
  run("cargo", ["run", "--quiet", "--locked", "--package", "xtask", "--", "bindgen", target, module, out]);

/** One of binaryen's tools, unless it made `output` of these very bytes the last time: it takes long. */
async function binaryen(tool, options, input, output) {
  const { version } = JSON.parse(await readFile(at("node_modules", "binaryen", "package.json"), "utf8"));
  const recipe = createHash("sha256").update(JSON.stringify([version, tool, ...options]));
  const from = recipe.update(await readFile(input)).digest("hex");
  const note = `${output}.from`;
  if (existsSync(output) && existsSync(note) && (await readFile(note, "utf8")) === from) return;
  await rm(note, { force: true });
  await run(npmBin(tool), [...options, input, "-o", output]);
  await writeFile(note, from);
}

/**
 * Functions with one caller stay functions: inlined, the module is smaller, but brotli finds fewer repeats in it, and what is
 * downloaded is larger.
 */
const small = ["-Oz", "--one-caller-inline-max-function-size=0"];

/** Branches and loops are taken apart before that, and put together as binaryen would: a hundredth less. */
const afresh = ["--flatten", "--rereloop", "-Oz"];

/**
 * What makes loops and branches faster makes them longer, and a page runs through most of them once: so loops keep their one
 * counter, what is loaded or stored in them stays there, and short branches become choices. A hundredth less.
 */
const forPages = [
  "disable-lsr",
  "disable-licm-promotion",
  "disable-machine-licm",
  "enable-load-in-loop-pre=0",
  "bonus-inst-threshold=3",
  "phi-node-folding-threshold=4",
  "two-entry-phi-node-folding-threshold=8",
].map((option) => `-Cllvm-args=-${option}`);

/** A function of at most five instructions stands where it is called: a call of it is hardly shorter. */
const inPlace = ["--always-inline-max-function-size=5"];

/** The module that bindgen left in a folder, made small, what is alike side by side: as a file, and as text for bundles. */
async function optimise(folder, name, more = []) {
  const module = join(folder, name);
  // Never `--all-features`: it emits encodings that Node 20 rejects. What the module says of its features wasm-opt reads, and
  // no engine.
  await binaryen(
    "wasm-opt",
    [...afresh, ...small, ...more, "--strip-target-features", "--converge"],
    join(folder, "glue_bg.wasm"),
    module,
  );
  const bytes = ordered(await readFile(module));
  if (!WebAssembly.validate(bytes)) throw new Error("wasm-opt made a module that this Node does not accept.");
  await writeFile(module, bytes);
  // Hex: brotli brings it down to the module's own size and a little; base64 costs much more extra.
  await writeFile(join(folder, "wasm-hex.js"), `export const hex = "${bytes.toString("hex")}";\n`);
}

/** The module in `folder` as packed text, which www/unpack.ts was seen to read. */
async function packed(folder, name) {
  const { build } = await import("esbuild");
  const bytes = await readFile(join(folder, name));
  const text = pack(bytes);
  const outfile = join(folder, "unpack.mjs");
  await build({ ...minified, format: "esm", outfile, entryPoints: [at("www", "unpack.ts")] });
  const { unpack } = await import(pathToFileURL(outfile).href);
  if (!bytes.equals(unpack(text))) throw new Error(`${name} is another one when it is unpacked.`);
  await writeFile(join(folder, "wasm-packed.js"), `export const packed = ${JSON.stringify(text)};\n`);
}

/** The module, and the script tag's. */
async function wasm() {
  const flags = forPages.join(" ");
  await mkdir(parts, { recursive: true });
  await bindgen("plain", await cargo(at("target", "page"), { flags }), parts);
  await optimise(parts, "aftercall.wasm", inPlace);
  // The script tag's has no batches, and a memory of its own kind.
  const tag = join(parts, "tag");
  await mkdir(tag, { recursive: true });
  await bindgen("arena", await cargo(at("target", "tag"), { features: "tag", flags }), tag);
  await optimise(tag, "tag.wasm", inPlace);
}

/**
 * FullStack's module. It runs on servers, many times a second, and in workers, which load it at every start:
 * small, but where a function is called it may be copied to as long as it is short. That is half of the speed.
 */
async function fullstack() {
  const out = join(parts, "fullstack");
  await mkdir(out, { recursive: true });
  const module = await cargo(at("target", "fullstack"), {
    features: "fullstack-bindings",
    flags: "-Cllvm-args=-inline-threshold=35",
  });
  await bindgen("arena", module, out);
  await optimise(out, "vwo-fullstack.wasm");
  await packed(out, "vwo-fullstack.wasm");
}

/** Delivery's module and its glue. What it waits for is the network: small first. */
async function deliver() {
  const out = join(parts, "deliver");
  await mkdir(out, { recursive: true });
  await bindgen("asynchronous", await cargo(at("target", "deliver"), { features: "deliver-bindings" }), out);
  await optimise(out, "deliver.wasm");
}

/** The same modules as plain JavaScript. */
async function twins() {
  await twin(join(parts, "aftercall.wasm"));
  await twin(join(parts, "tag", "tag.wasm"));
}

async function twin(module) {
  const script = join(module, "..", "wasm2js.js");
  // What the module says of its features wasm-opt has stripped: here they stand again, those that wasm2js can write.
  const features = ["bulk-memory-opt", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];
  await binaryen("wasm2js", [...small, ...features.map((name) => `--enable-${name}`)], module, script);
  await writeFile(join(module, "..", "twin.js"), started(await readFile(script, "utf8")));
}

/** What wasm2js wrote, as a function that starts it, with the module's data as text: base64 would hide it from compressors. */
function started(text) {
  const [, decoder, segments, functions, end] =
    /^\s*var bufferView;$(.*?)^function initActiveSegments\(imports\) {$(.*?)^}$(.*)^(var retasmFunc = asmFunc.*)/ms.exec(
      text,
    ) ?? [];
  const data = [...(segments ?? "").matchAll(/base64DecodeToExistingUint8Array\(bufferView, (\d+), "([^"]*)"\);/g)];
  if (data.length === 0 || !decoder.includes("base64ReverseLookup") || !end.includes("export var ask"))
    throw new Error("wasm2js writes its modules in another way.");
  if (text.includes("WebAssembly")) throw new Error("The twin asks for WebAssembly: it would be no use without it.");
  const texts = data.map(([, at, base64]) => [+at, Buffer.from(base64, "base64").toString("latin1")]);
  return `let bufferView;
function initActiveSegments() {
  for (const [at, text] of ${JSON.stringify(texts)})
    for (let index = 0; index < text.length; index++) bufferView[at + index] = text.charCodeAt(index);
}
${functions}
export const start = () => asmFunc();
`;
}

/** What all bundles have in common. */
async function bundling() {
  const { build } = await import("esbuild");
  const { version } = JSON.parse(await readFile(at("package.json"), "utf8"));
  const common = {
    ...minified,
    alias: {
      "#wasm-hex": join(parts, "wasm-hex.js"),
      "#twin": join(parts, "twin.js"),
      "#tag-twin": join(parts, "tag", "twin.js"),
      "#fullstack-packed": join(parts, "fullstack", "wasm-packed.js"),
      "#deliver-glue": join(parts, "deliver", "glue.js"),
      "#deliver-hex": join(parts, "deliver", "wasm-hex.js"),
    },
    define: { __VERSION__: JSON.stringify(version) },
    // Where the runtime compiles imported modules, the import stays.
    external: ["*.wasm", "*.wasm?module"],
  };
  return { build, common };
}

/** How scripts are bundled: ours, and those that the benchmark compares them with. */
export const minified = {
  bundle: true,
  minify: true,
  target: "es2020",
  legalComments: "none",
  logLevel: "warning",
};

/** The package's files. */
async function bundle() {
  const { build, common } = await bundling();
  await rm(dist, { recursive: true, force: true });
  await Promise.all([
    build({
      ...common,
      format: "esm",
      charset: "utf8", // which modules are always read as
      outdir: dist,
      entryPoints: [
        ...["index", "js", "slim", "workerd", "edge-light"],
        ...["vwo-fullstack", "vwo-fullstack.workerd", "vwo-fullstack.edge-light"],
        ...["deliver", "deliver.workerd", "deliver.edge-light"],
      ].map((name) => at("www", "entries", `${name}.ts`)),
    }),
    // The share that the glue has of index.js and aftercall.js: only weighed, see sizes.mjs.
    build({
      ...common,
      format: "esm",
      outfile: join(parts, "glue.min.js"),
      entryPoints: [at("www", "engine.ts")],
    }),
    cp(at("www", "types"), join(dist, "types"), { recursive: true }),
    cp(join(parts, "aftercall.wasm"), join(dist, "aftercall.wasm")),
    cp(join(parts, "fullstack", "vwo-fullstack.wasm"), join(dist, "vwo-fullstack.wasm")),
    cp(join(parts, "deliver", "deliver.wasm"), join(dist, "deliver.wasm")),
  ]);
}

/**
 * Chromium compiles all functions of such a file while it arrives, on a thread of their own, not each on the page's thread
 * when it is first called. A comment to all others. It has to stand first. Source: "Explicit JavaScript Compile Hints
 * (File-based)", WICG.
 */
const HINT = "//# allFunctionsCalledOnLoad";
const hinted = ["aftercall.js", "aftercall.outlets.js"];

/** The script tag, the files that lie beside it, and the hash of each: the tag loads them by the hashes that they have. */
async function tag() {
  const { build, common } = await bundling();
  const { minify } = await import("terser");
  /** Bundles one of them; its hash, as `integrity` takes it. `module` is what it finds in `__MODULE__`. */
  const script = async (entry, name, { define, module } = {}) => {
    const { outputFiles } = await build({
      ...common,
      define: { ...common.define, ...define },
      // The module is an argument: where Chromium reads a function anew, to say where it stands, it would read a text within
      // it, too.
      ...(module
        ? { format: "esm", banner: { js: `(__MODULE__=>{"use strict";` }, footer: { js: "})(__HEX__);" } }
        : { format: "iife" }),
      write: false,
      entryPoints: [at("www", "tag", entry)],
    });
    // What esbuild wrote, shorter by a few percent: it looks at each expression once.
    const { code } = await minify(outputFiles[0].text, { ecma: 2020, compress: { passes: 3 } });
    const text = `${hinted.includes(name) ? `${HINT}\n` : ""}${code.replace("__HEX__", `"${module}"`)}\n`;
    await writeFile(join(dist, name), text);
    return `sha384-${createHash("sha384").update(text).digest("base64")}`;
  };
  const outlets = await script("outlets/index.ts", "aftercall.outlets.js");
  const debug = await script("debug/index.ts", "aftercall.debug.js");
  const nowasm = await script("nowasm.ts", "aftercall.nowasm.js");
  const __INTEGRITY__ = JSON.stringify({ outlets, debug, nowasm });
  const module = await readFile(join(parts, "tag", "tag.wasm"), "hex");
  const hashes = {
    "aftercall.js": await script("index.ts", "aftercall.js", { define: { __INTEGRITY__ }, module }),
    "aftercall.outlets.js": outlets,
    "aftercall.debug.js": debug,
    "aftercall.nowasm.js": nowasm,
  };
  await writeFile(join(dist, "sri.json"), `${JSON.stringify(hashes, null, 2)}\n`);
}

/** The steps by title, in order. */
export const steps = {
  "Compile the core to WebAssembly": wasm,
  "Make its twin in plain JavaScript": twins,
  "Compile FullStack to WebAssembly": fullstack,
  "Compile delivery to WebAssembly": deliver,
  "Bundle dist/": bundle,
  "Bundle the script tag": tag,
};

export async function build() {
  for (const [title, work] of Object.entries(steps)) await step(title, work);
}

await main(import.meta.url, async () => {
  await setUp();
  await build();
});
