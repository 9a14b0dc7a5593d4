// Commands, steps and what they print: shared by every file next to this one.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The checkout. */
export const project = fileURLToPath(new URL("..", import.meta.url));

/** A command that npm installed. */
export const npmBin = (name) => join(project, "node_modules", ".bin", name);

/** Colours and such, where a person is looking. */
const styled = process.stdout.isTTY && !process.env.NO_COLOR;
const style = (code) => (text) => (styled ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = style(1);
export const dim = style(2);
export const red = style(31);
export const green = style(32);
export const cyan = style(36);

/** Some tools print a whole module when they fail: the beginning and the end of what is long. */
function excerpt(output) {
  const lines = output.trimEnd().split("\n");
  const middle = lines.length - 300;
  if (middle > 0) lines.splice(100, middle, `… ${middle} lines left out …`);
  return lines.join("\n");
}

/**
 * Run a command, in the checkout unless told otherwise. Resolves to what it printed; rejects with that and the command line
 * when it fails. `path` is a folder to look for commands in first; `signal` ends it.
 */
export function run(command, args, { cwd = project, env = {}, path, signal } = {}) {
  const line = [command, ...args].join(" ").replaceAll(project, "");
  const PATH = path ? path + delimiter + process.env.PATH : process.env.PATH;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      signal,
      env: { ...process.env, ...env, PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (process.env.VERBOSE) process.stdout.write(text);
      });
    }
    child.on("error", (error) =>
      reject(new Error(`${line}\n${error.code === "ENOENT" ? "is not installed" : error.message}.`)),
    );
    child.on("close", (code, signal) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${excerpt(output)}\n\n$ ${line}\nended with ${signal ?? code}.`)),
    );
  });
}

/** Do one piece of work under a title, with the seconds it took. What `work` resolves to, if text, is shown as well. */
export async function step(title, work) {
  process.stdout.write(`${dim("·")} ${title} … `);
  const began = performance.now();
  const seconds = () => dim(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  try {
    const note = await work();
    console.log(`${green("ok")} ${seconds()}${typeof note === "string" ? ` ${dim(note)}` : ""}`);
  } catch (error) {
    console.log(`${red("FAILED")} ${seconds()}`);
    throw error;
  }
}

/** Run `work` if `module` is the file that Node was started with. A failure is told in words, without a stack. */
export async function main(module, work) {
  if (module !== pathToFileURL(process.argv[1] ?? "").href) return;
  try {
    await work();
  } catch (error) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
