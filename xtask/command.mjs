// The command `aftercall`, and the simulator in it: for the story, the demo and the tests.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { project, run } from "./run.mjs";

const folder = join(project, "target");

/** Where the compiled command lies. */
export const commandPath = join(folder, "debug", "aftercall");

/** Compile the command. Unoptimised: that takes a third of the time, and a demo has few calls. */
export async function compileCommand(options) {
  await run("cargo", ["build", "--locked", "--package", "aftercall-cli", "--target-dir", folder], options);
}

/**
 * A running `aftercall simulate`. It ends with this process at the latest.
 * @typedef {{ url: string, stats: () => Promise<Stats>, log: () => Promise<Arrival[]>,
 *   reset: () => Promise<void>, close: () => Promise<void> }} Simulator
 * @typedef {{ requests: number, conversions: number, different: number, deduplicated: number }} Stats
 * @typedef {{ number: number, endpoint: string, method: string, url: string, body: string, status: number,
 *   outcome: "accepted" | "refused" | "dropped" | "fault", problems: string[], conversions: number, repeats: number }} Arrival
 */

/**
 * Start the simulator. Port 0 takes a free one; a port that is taken fails with the code EADDRINUSE.
 * @param {{ port?: number }} [options]
 * @returns {Promise<Simulator>} `url` ends without a slash, as `via` takes it.
 */
export async function simulate({ port = 0 } = {}) {
  const child = spawn(commandPath, ["simulate", "--json", "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = () => child.kill();
  process.once("exit", stop);
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint += text;
  });
  const address = await new Promise((resolve, reject) => {
    child.once("error", reject);
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line).address));
    ended.then(() => {
      const code = complaint.includes("port-unusable") ? "EADDRINUSE" : undefined;
      reject(Object.assign(new Error(complaint.trim() || "The simulator ended at once."), { code }));
    });
  });
  const ask = async (path) => (await fetch(address + path)).text();
  return {
    url: address,
    stats: async () => JSON.parse(await ask("/_stats")),
    log: async () =>
      (await ask("/_log"))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    reset: async () => void (await fetch(`${address}/_reset`, { method: "POST" })),
    close: async () => {
      process.removeListener("exit", stop);
      stop();
      await ended;
    },
  };
}
