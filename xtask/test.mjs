// npm test: every check there is, in order, up to the first that fails.
//
//   npm test                 all of it
//   npm test -- clippy node  only the steps whose title holds one of these words (set-up always runs)
//   VERBOSE=1 npm test       with everything that the commands print
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { steps as buildSteps } from "./build.mjs";
import { bold, green, main, npmBin, project, red, run, step } from "./run.mjs";
import { browsers, setUp, setUpTests, toolPath } from "./setup.mjs";
import { checkSizes } from "./sizes.mjs";

const wasm = ["--target", "wasm32-unknown-unknown"];
const fullstack = ["--features", "fullstack,deliver"];
const denyWarnings = ["--", "-D", "warnings"];

/** A command that has nothing to tell when all is well. */
const check = async (...command) => void (await run(...command));

/** Run a test command; one that ran no test at all has failed. */
async function tests(command, args, options) {
  const output = await run(command, args, options);
  const passed = [...output.matchAll(/^test result: ok\. (\d+) passed|^# pass (\d+)/gm)]
    .map(([, rust, node]) => Number(rust ?? node))
    .reduce((sum, count) => sum + count, 0);
  if (passed === 0) throw new Error(`${output}\n\nNot one test ran.`);
  return `${passed} tests`;
}

/** Node's runner over the test files of one folder. `engine`: of the browsers, this one. */
async function nodeTests(folder, engine = "chromium") {
  const files = (await readdir(join(project, folder))).filter((name) => name.endsWith(".test.mjs"));
  const paths = files.sort().map((name) => join(folder, name));
  if (paths.length === 0) throw new Error(`No *.test.mjs in ${folder}/.`);
  // A test that hangs fails; one that compares ten thousand calls on a busy machine does not.
  return tests(process.execPath, ["--test", "--test-reporter=tap", "--test-timeout=600000", ...paths], {
    env: { ...browsers(), ENGINE: engine },
  });
}

/** wasm-bindgen's runner, at the version of Cargo.lock, around the crate's tests. */
async function wasmTests(env) {
  await run("cargo", ["build", "--package", "xtask", "--features", "test-runner"]);
  return tests("cargo", ["test", "--package", "aftercall", ...wasm, "--features", "bindings,fullstack,deliver"], {
    env: {
      ...env,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: join(project, "target", "debug", "wasm-bindgen-test-runner"),
    },
  });
}

/**
 * Half a minute of hostile input, most of it compilation: enough to catch what a change broke outright. The fuzzer takes
 * the same course every time, so that a change is judged by itself and not by luck; to look for what nobody knows yet,
 * run `cargo fuzz run --sanitizer none TARGET` for hours.
 */
async function fuzz(target) {
  // What is found is kept in the first folder; both are read.
  const [corpus, seeds] = [`fuzz/corpus/${target}`, `fuzz/seeds/${target}`];
  await mkdir(join(project, corpus), { recursive: true });
  const output = await run(
    "cargo",
    ["fuzz", "run", "--sanitizer", "none", target, corpus, seeds, "--", "-seed=1", "-max_total_time=20"],
    { path: toolPath },
  );
  return /^Done \d+ runs/m.exec(output)?.[0].toLowerCase();
}

/** The tarball that `npm publish` would send. */
async function pack() {
  const folder = join(project, "target", "package");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  return join(folder, (await readdir(folder))[0]);
}

const steps = {
  "Rust: format": () => check("cargo", ["fmt", "--all", "--check"]),
  "Rust: clippy, natively": () =>
    check("cargo", ["clippy", "--locked", "--workspace", ...fullstack, "--all-targets", ...denyWarnings]),
  "Rust: clippy, wasm with bindings": () =>
    check("cargo", [
      "clippy",
      "--package",
      "aftercall",
      ...wasm,
      "--features",
      "bindings,fullstack,deliver",
      "--all-targets",
      ...denyWarnings,
    ]),
  "Rust: clippy, wasm as the page gets it": () =>
    check("cargo", ["clippy", "--package", "aftercall", ...wasm, "--features", "lean", "--lib", ...denyWarnings]),
  "Rust: clippy, wasm as the script tag gets it": () =>
    check("cargo", ["clippy", "--package", "aftercall", ...wasm, "--features", "tag", "--lib", ...denyWarnings]),
  "Rust: clippy, wasm as FullStack's entry gets it": () =>
    check("cargo", [
      ...["clippy", "--package", "aftercall", ...wasm],
      ...["--features", "fullstack-bindings", "--lib", ...denyWarnings],
    ]),
  "Rust: clippy, wasm as delivery's entry gets it": () =>
    check("cargo", [
      ...["clippy", "--package", "aftercall", ...wasm],
      ...["--features", "deliver-bindings", "--lib", ...denyWarnings],
    ]),
  "Rust: tests": () => tests("cargo", ["test", "--workspace", ...fullstack]),
  "Rust: documentation": () =>
    check("cargo", ["doc", "--package", "aftercall", ...fullstack, "--no-deps"], {
      env: { RUSTDOCFLAGS: "-D warnings" },
    }),
  "Rust: licences and sources of dependencies": () =>
    check("cargo", ["deny", "--workspace", "check", "bans", "licenses", "sources"], { path: toolPath }),
  "JavaScript: format and lint": () => check(npmBin("biome"), ["ci", "--colors=off", "--error-on-warnings"]),
  "TypeScript: types": () => check(npmBin("tsc"), []),
  ...Object.fromEntries(Object.entries(buildSteps).map(([title, work]) => [`Build: ${title}`, work])),
  "Build: no file outgrew its guard": checkSizes,
  "Node: the story of npm start": () => check(process.execPath, ["xtask/story.mjs"]),
  "Node: the built files": () => nodeTests("tests/node"),
  "Node: beside the platforms' own SDKs": () => nodeTests("tests/peers"),
  "Node: FullStack beside the vendor's SDK": () => nodeTests("tests/fullstack"),
  "Node: the crate's tests in wasm": () => wasmTests({ WASM_BINDGEN_TEST_ONLY_NODE: "1" }),
  "Chromium: the crate's tests in wasm": () =>
    wasmTests({
      CHROMEDRIVER: browsers().CHROMEDRIVER,
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: join(project, "xtask", "webdriver.json"),
      WASM_BINDGEN_USE_BROWSER: "1",
    }),
  "Fuzzing: capture": () => fuzz("capture"),
  "Fuzzing: unstash": () => fuzz("unstash"),
  "Fuzzing: segments": () => fuzz("segments"),
  "Package: publint": async () => check(npmBin("publint"), ["run", await pack(), "--strict"]),
  "Package: are the types wrong?": async () => check(npmBin("attw"), [await pack(), "--profile", "esm-only"]),
  "Package: installed in bundlers and runtimes": () => nodeTests("tests/packages"),
  "Chromium: pages, end to end": () => nodeTests("tests/browser"),
  "Firefox: pages, end to end": () => nodeTests("tests/browser", "firefox"),
  "WebKit: pages, end to end": () => nodeTests("tests/browser", "webkit"),
  "Chromium: what is measured and looked at": () => nodeTests("tests/browser/chromium"),
};

await main(import.meta.url, async () => {
  const words = process.argv.slice(2).map((word) => word.toLowerCase());
  const chosen = Object.entries(steps).filter(
    ([title]) => words.length === 0 || words.some((word) => title.toLowerCase().includes(word)),
  );
  if (chosen.length === 0) throw new Error(`No step is called that. There are:\n${Object.keys(steps).join("\n")}`);
  await setUp();
  await setUpTests();
  console.log();
  let passed = 0;
  let failure;
  for (const [title, work] of chosen) {
    try {
      await step(title, work);
      passed += 1;
    } catch (error) {
      failure = error;
      break;
    }
  }
  if (failure) {
    console.error(`\n${failure.message}`);
    process.exitCode = 1;
  }
  console.log(`\n${bold(`${green(`${passed} passed`)}, ${failure ? red("1 failed") : "0 failed"}`)}`);
});
