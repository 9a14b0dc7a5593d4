// Everything a fresh machine lacks, installed once. What is there already is left alone, so a second run takes no time.
//
//   node xtask/setup.mjs          what `npm start` needs: Rust for wasm, npm's packages
//   node xtask/setup.mjs --all    and what `npm test` needs: browsers, Cargo's tools
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { main, project, run, step } from "./run.mjs";

/** Tools that Cargo builds, at the versions that the checks were written against. */
const cargoTools = { "cargo-deny": "0.20.2", "cargo-fuzz": "0.13.2" };

/** Outside the checkout, so that a fresh clone need not build them again; one folder a version. */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "aftercall");
const toolFolder = (name) => join(cache, `${name}-${cargoTools[name]}`);

/** Folders to look in for Cargo's tools, as one PATH text. */
export const toolPath = Object.keys(cargoTools)
  .map((name) => join(toolFolder(name), "bin"))
  .join(delimiter);

/** The first of these commands on the PATH. */
const find = (...names) => {
  for (const name of names)
    for (const folder of process.env.PATH.split(delimiter))
      if (existsSync(join(folder, name))) return join(folder, name);
};

async function node() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`);
}

/** A plain cargo call does not add what rust-toolchain.toml names to a toolchain that is there already. */
async function rust() {
  if (!find("cargo")) throw new Error("Rust is missing. Install it from https://rustup.rs and run this again.");
  if (process.platform !== "win32" && !find("cc"))
    throw new Error(
      "A C compiler is missing: Rust links with it. `apt-get install build-essential`, or your system's way.",
    );
  const ready = async () => {
    const sysroot = (await run("rustc", ["--print", "sysroot"])).trim();
    return ["lib/rustlib/wasm32-unknown-unknown", "bin/cargo-clippy", "bin/rustfmt"].every((part) =>
      existsSync(join(sysroot, part)),
    );
  };
  if (await ready().catch(() => false)) return;
  if (!find("rustup"))
    throw new Error(
      "Rust lacks the target wasm32-unknown-unknown, clippy or rustfmt, and there is no rustup to add them.",
    );
  await run("rustup", ["toolchain", "install"]); // reads rust-toolchain.toml
  if (!(await ready()))
    throw new Error("rustup ran, but the target wasm32-unknown-unknown, clippy or rustfmt is still missing.");
}

/** `npm ci`, unless node_modules holds exactly what the lock file names. */
async function npmPackages() {
  const packages = (file) => JSON.parse(readFileSync(join(project, file), "utf8")).packages;
  const wanted = packages("package-lock.json");
  try {
    const installed = packages("node_modules/.package-lock.json");
    const same = ([path, { version, optional }]) =>
      path === "" || installed[path]?.version === version || (optional && !installed[path]);
    if (Object.entries(wanted).every(same)) return;
  } catch {
    // Nothing installed yet.
  }
  // No package here needs its install script.
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

/** WebKit's browser lies where Debian keeps what no person starts: in a folder of the machine's kind. */
const miniBrowser = () => {
  const folders = (path, like) => {
    const found = existsSync(path) ? readdirSync(path).filter((name) => like.test(name)) : [];
    return found.map((name) => join(path, name));
  };
  return folders("/usr/lib", /-linux-gnu/)
    .flatMap((path) => folders(path, /^webkit(2gtk|gtk)-/))
    .map((path) => join(path, "MiniBrowser"))
    .find((path) => existsSync(path));
};

/** Three browsers and their drivers: those that these variables name, else the system's. */
export const browsers = () => ({
  CHROMIUM: process.env.CHROMIUM ?? find("chromium", "chromium-browser", "google-chrome"),
  CHROMEDRIVER: process.env.CHROMEDRIVER ?? find("chromedriver"),
  FIREFOX: process.env.FIREFOX ?? find("firefox-esr", "firefox"),
  WEBKIT_DRIVER: process.env.WEBKIT_DRIVER ?? find("WebKitWebDriver"),
  MINIBROWSER: process.env.MINIBROWSER ?? miniBrowser(),
  XVFB: process.env.XVFB ?? find("Xvfb"),
});

/** Debian's packages for what is missing. */
async function systemPackages() {
  const { CHROMIUM, CHROMEDRIVER, FIREFOX, WEBKIT_DRIVER, MINIBROWSER, XVFB } = browsers();
  const missing = [
    !CHROMIUM && "chromium",
    !CHROMEDRIVER && "chromium-driver",
    !FIREFOX && "firefox-esr",
    (!WEBKIT_DRIVER || !MINIBROWSER) && "webkit2gtk-driver",
    !XVFB && "xvfb", // WebKit's browser wants a screen
    !find("c++") && "g++", // libFuzzer is C++
    !find("php") && "php-cli", // recipes/wordpress.php
  ].filter(Boolean);
  if (missing.length === 0) return;
  const words = `Please install ${missing.join(", ")}: \`apt-get install ${missing.join(" ")}\`, or your system's way.`;
  const root = process.getuid?.() === 0;
  if (!find("apt-get") || (!root && !find("sudo"))) throw new Error(words);
  // `-n`: a question for a password would wait where nobody sees it.
  const apt = (...args) => {
    const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    return root ? run(command[0], command.slice(1)) : run("sudo", ["-n", ...command]);
  };
  try {
    await apt("update");
    await apt("install", "--yes", "--no-install-recommends", ...missing);
  } catch (error) {
    throw new Error(`${error.message}\n\n${words}`);
  }
}

async function cargoTool(name) {
  const folder = toolFolder(name);
  if (existsSync(join(folder, "bin", name))) return;
  // Into a folder beside, then moved: an interrupted build leaves nothing that looks complete.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  // Unoptimised: building it takes longer than all that it will ever do here.
  await run(
    "cargo",
    ["install", name, "--version", cargoTools[name], "--locked", "--debug", "--no-track", "--root", unfinished],
    { env: { CARGO_PROFILE_DEV_DEBUG: "0" } },
  );
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
}

/** What building needs. */
export async function setUp() {
  await step("Node is new enough", node);
  await step("Rust, with its target for WebAssembly", rust);
  await step("npm packages", npmPackages);
}

/** What testing needs besides. */
export async function setUpTests() {
  await step("Chromium, Firefox, WebKit, a C++ compiler", systemPackages);
  for (const name of Object.keys(cargoTools)) await step(`${name} ${cargoTools[name]}`, () => cargoTool(name));
}

await main(import.meta.url, async () => {
  await setUp();
  if (process.argv.includes("--all")) await setUpTests();
});
