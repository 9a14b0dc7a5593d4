// Conversions a second: `aftercall sync` with its ledger and without, next to a pipeline written by hand with undici. The same
// rows, the same simulator, the same number of connections, one after the other; each is a process of its own, start included.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROWS = 40_000;
const CONCURRENCY = 64;

const project = fileURLToPath(new URL("../..", import.meta.url));
const command = join(project, "target", "release", "aftercall");

/** Seconds that a program takes; it must end well and say that it delivered every row. */
async function seconds(program, args, folder, delivered) {
  const began = performance.now();
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const [code] = await once(child, "close");
  const took = (performance.now() - began) / 1000;
  if (code !== 0 || delivered(output) !== ROWS) throw new Error(`${program} ${args.join(" ")}: ${code} ${output}`);
  return took;
}

const best = (numbers) => Math.min(...numbers);

/** Prints one row a program with `row(title, value, unit, bound)`. */
export async function delivery(row) {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-bench-"));
  const simulator = spawn(command, ["simulate", "--port", "0", "--json", "--keep", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: simulator.stdout }), "line");
    const { address } = JSON.parse(line);
    const rows = Array.from({ length: ROWS }, (_, row) => `call-${row},user-${row},2,49.90\n`);
    await writeFile(join(folder, "calls.csv"), `id,vwo_user_id,combination,revenue\n${rows.join("")}`);
    const settings = `[delivery]\nvia = "${address}"\nrate = 0\nconcurrency = ${CONCURRENCY}\n`;
    const vwo = '[vwo]\naccount_id = 123456\napi = "track-goal"\ngoal_id = 201\ncampaign_ids = [14]\n';
    await writeFile(join(folder, "aftercall.toml"), `${settings}${vwo}`);
    const codes = Array.from({ length: ROWS }, (_, row) => `call-${row},visitor${row},49.90\n`);
    await writeFile(join(folder, "visits.csv"), `id,kameleoonVisitorCode,revenue\n${codes.join("")}`);
    const kameleoon = '[kameleoon]\nsite_code = "f17c21u1ag"\ndata_host = "eu-data.kameleoon.io"\ngoal_id = 36151\n';
    await writeFile(join(folder, "kameleoon.toml"), `${settings}${kameleoon}`);

    const tally = (platform) => (output) => JSON.parse(output).platforms[platform].delivered;
    const ours = async (args, platform = "vwo") => {
      for (const end of ["", "-wal", "-shm"]) await rm(join(folder, `aftercall.db${end}`), { force: true });
      return seconds(command, ["sync", "--json", ...args], folder, tally(platform));
    };
    const peer = fileURLToPath(new URL("undici.mjs", import.meta.url));
    const programs = {
      peer: () => seconds(process.execPath, [peer, "calls.csv", address, CONCURRENCY], folder, Number),
      ledger: () => ours(["calls.csv"]),
      noLedger: () => ours(["calls.csv", "--no-ledger"]),
      batches: () => ours(["visits.csv", "--config", "kameleoon.toml"], "kameleoon"),
    };
    // In turns, so that what else the machine does meets all of them; the best of three is the least disturbed.
    const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
    for (let turn = 0; turn < 3; turn++) {
      for (const [name, work] of Object.entries(programs)) times[name].push(await work());
    }
    const rate = (name) => ROWS / best(times[name]);
    const unit = "conversions/s";
    row("Delivery by hand with undici, one request each", rate("peer"), unit);
    row("aftercall sync, one request each, no ledger", rate("noLedger"), unit, { least: 2 * rate("peer") });
    row("aftercall sync, one request each, with its ledger", rate("ledger"), unit, { least: 2 * rate("peer") });
    row("aftercall sync, in batches, with its ledger", rate("batches"), unit);
  } finally {
    simulator.kill();
    await rm(folder, { recursive: true, force: true });
  }
}
