// The pipeline that a Node developer would write by hand: for VWO's offline conversions the document's request for every row
// of a CSV, for Kameleoon's so many rows in one; keep-alive, so many at once, a few attempts. It keeps no ledger.
//
//   node undici.mjs calls.csv http://127.0.0.1:8788 64
//   node undici.mjs visits.csv http://127.0.0.1:8788 64 500
import { createHash, randomBytes, randomInt } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Pool } from "undici";

const [file, address, concurrency, batch] = process.argv.slice(2);
const pool = new Pool(address, { connections: Number(concurrency), pipelining: 1, bodyTimeout: 10_000 });

/** The documented request: a plain CSV needs no parser here, which is to this program's advantage. */
function track(line) {
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
  return { method: "GET", host: "dacdn.visualwebsiteoptimizer.com", path: `/track-goal?${parameters}` };
}

/** The documented request for many rows at once. */
function visits(lines) {
  const events = lines.map((line) => {
    const [, visitorCode, revenue] = line.split(",");
    const nonce = randomBytes(8).toString("hex");
    return { visitorCode, nonce, eventType: "CONVERSION", goalId: 36151, revenue: Number(revenue) };
  });
  const path = "/visit/events?siteCode=f17c21u1ag&json=true";
  return { method: "POST", host: "eu-data.kameleoon.io", path, content: JSON.stringify(events) };
}

async function send({ method, host, path, content }) {
  for (let attempt = 1; ; attempt++) {
    try {
      const { statusCode, body } = await pool.request({
        method,
        path,
        body: content,
        // The simulator wants to know where a request would have gone.
        headers: {
          "aftercall-url": `https://${host}${path}`,
          "user-agent": "Example-Shop/1.0",
          ...(content && { "content-type": "application/json" }),
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

/** The next rows, so many that they fill a request; fewer at the end, then none. */
async function take(count) {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = await rows.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Takes row after row until there is none left. */
async function worker() {
  for (let taken = await take(batch ?? 1); taken.length > 0; taken = await take(batch ?? 1)) {
    if (await send(batch ? visits(taken) : track(taken[0]))) delivered += taken.length;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker));
await pool.close();
console.log(delivered);
