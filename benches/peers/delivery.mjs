// Conversions a second: `aftercall sync` with its ledger and without, next to a pipeline written by hand with undici. The same
// rows, the same simulator, the same number of connections, one after the other; each is a process of its own, start included.
//
//   node benches/peers/delivery.mjs        this alone, with the command that is built already
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Record } from "../record.mjs";

const ROWS = 40_000;
const CONCURRENCY = 64;
const BATCH = 500;
const TURNS = 5;

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

/** Prints one row a program with `record.rows(title, numbers, unit, bound)`. */
export async function delivery(record) {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-bench-"));
  const simulator = spawn(command, ["simulate", "--port", "0", "--json", "--keep", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: simulator.stdout }), "line");
    const { address } = JSON.parse(line);
    const rows = Array.from({ length: ROWS }, (_, row) => `call-${row},user-${row},2,49.90\n`);
    await writeFile(join(folder, "calls.csv"), `id,vwo_user_id,combination,revenue\n${rows.join("")}`);
    const settings = `[delivery]\nvia = "${address}"\nrate = 0\nconcurrency = ${CONCURRENCY}\nbatch = ${BATCH}\n`;
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
    const byHand = (...args) => seconds(process.execPath, [peer, ...args], folder, Number);
    const programs = {
      byHand: () => byHand("calls.csv", address, CONCURRENCY),
      noLedger: () => ours(["calls.csv", "--no-ledger"]),
      ledger: () => ours(["calls.csv"]),
      byHandInBatches: () => byHand("visits.csv", address, CONCURRENCY, BATCH),
      noLedgerInBatches: () => ours(["visits.csv", "--config", "kameleoon.toml", "--no-ledger"], "kameleoon"),
      ledgerInBatches: () => ours(["visits.csv", "--config", "kameleoon.toml"], "kameleoon"),
    };
    // In turns, so that what else the machine does meets all of them.
    const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [name, work] of Object.entries(programs)) times[name].push(await work());
    }
    const rates = (name) => times[name].map((seconds) => ROWS / seconds);
    // Each turn is compared with itself.
    const ratios = (name, other) => times[name].map((seconds, turn) => times[other][turn] / seconds);
    for (const [title, name, other, bounds] of [
      ["By hand with undici, one request each", "byHand"],
      ["aftercall sync, one request each, no ledger", "noLedger", "byHand"],
      ["aftercall sync, one request each, with its ledger", "ledger", "byHand", { least: 2 }],
      [`By hand with undici, ${BATCH} in a request`, "byHandInBatches"],
      [`aftercall sync, ${BATCH} in a request, no ledger`, "noLedgerInBatches", "byHandInBatches"],
      [`aftercall sync, ${BATCH} in a request, with its ledger`, "ledgerInBatches", "byHandInBatches"],
    ]) {
      record.rows(title, rates(name), "conversions/s");
      if (other) record.rows(`${title}: times as fast`, ratios(name, other), "×", bounds);
    }
  } finally {
    simulator.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const record = new Record();
  record.chapter("Delivery", "");
  const load = () => loadavg()[0].toFixed(1);
  const before = load();
  await delivery(record);
  console.log(`Load of the machine: ${before} before, ${load()} after, on ${availableParallelism()} cores.`);
}
