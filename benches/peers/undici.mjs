// The pipeline that a Node developer would write by hand for VWO's offline conversions: the document's request for every row
// of a CSV, keep-alive, so many at once, a few attempts. It keeps no ledger.
//
//   node undici.mjs calls.csv http://127.0.0.1:8788 64
import { createHash, randomInt } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Pool } from "undici";

const [file, address, concurrency] = process.argv.slice(2);
const pool = new Pool(address, { connections: Number(concurrency), pipelining: 1, bodyTimeout: 10_000 });

/** The documented request: a plain CSV needs no parser here, which is to this program's advantage. */
function request(line) {
  const [, user, combination, revenue] = line.split(",");
  const parameters = new URLSearchParams({
    account_id: "123456",
    experiment_id: "14",
    u: createHash("md5").update(user).digest("hex"),
    combination,
    goal_id: "201",
    random: `0.${randomInt(1e9)}`,
    r: revenue,
  });
  return `/track-goal?${parameters}`;
}

async function send(path) {
  for (let attempt = 1; ; attempt++) {
    try {
      const { statusCode, body } = await pool.request({
        method: "GET",
        path,
        // The simulator wants to know where a request would have gone.
        headers: {
          "aftercall-url": `https://dacdn.visualwebsiteoptimizer.com${path}`,
          "user-agent": "Example-Shop/1.0",
        },
      });
      await body.dump();
      if (statusCode < 300) return true;
      if (statusCode !== 429 && statusCode < 500) return false;
    } catch (error) {
      if (attempt === 5) throw error;
    }
    if (attempt === 5) return false;
    await setTimeout(Math.random() * 500 * 2 ** (attempt - 1));
  }
}

const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
const rows = lines[Symbol.asyncIterator]();
await rows.next();
let delivered = 0;

/** Takes row after row until there is none left. */
async function worker() {
  for (let row = await rows.next(); !row.done; row = await rows.next()) {
    if (await send(request(row.value))) delivered += 1;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker));
await pool.close();
console.log(delivered);
