// The tarball as a user installs it, in folders of its own: nothing of the checkout can be found from there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const project = fileURLToPath(new URL("../..", import.meta.url));

/** Packs the package once and installs it into an empty project. Returns that project's folder. */
export async function install(t) {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-package-"));
  t.after(() => rm(folder, { recursive: true }));
  const npm = (...args) => run("npm", args, { cwd: folder });
  await npm("pack", project, "--ignore-scripts", "--silent");
  const [tarball] = await readdir(folder);
  const shop = join(folder, "shop");
  await mkdir(shop);
  await writeFile(
    join(shop, "package.json"),
    '{ "name": "shop", "version": "1.0.0", "private": true, "type": "module" }',
  );
  await run("npm", ["install", `../${tarball}`, "--offline", "--no-audit", "--no-fund"], { cwd: shop });
  return shop;
}

/** Runs a file, or a module given as text, in a fresh Node. Returns the JSON that it printed. */
export async function node(cwd, ...args) {
  const { stdout, stderr } = await run(process.execPath, args, { cwd }).catch((error) => error);
  // Node shows the line that failed: of a bundle, all of it.
  assert.equal(stderr.replace(/^.{300,}$/gm, "…"), "");
  return JSON.parse(stdout);
}

/** A page of all four platforms, and what to build from it. */
export const sample = {
  cookie: [
    "optimizelyEndUserId=oeu1403497108674r0.684978179866448",
    "optimizelyBuckets=%7B%222312010859%22%3A%222321470446%22%7D",
    "_vwo_uuid=D0123456789ABCDEF0123456789ABCDEF",
    "_vis_opt_exp_71_combi=3",
    "kameleoonVisitorCode=l200u3djm8kovq4o",
    "_conv_v=vi%3A1500000000000-0.25*sc%3A1*exp%3A%7B100013001.%7Bv.100080001-g.%7B%7D%7D%7D",
  ].join("; "),
  now: 1_700_000_000_000,
  conversion: {
    id: "call-4711",
    at: "2026-11-20T09:30:00Z",
    revenue: "49.90",
    optimizely: { event: "phone_call" },
    vwo: { goalId: 5 },
    kameleoon: { goalId: 36151 },
    convert: { goalIds: [331] },
  },
  accounts: {
    optimizely: { accountId: "12001", projectId: "111001", api: "classic" },
    vwo: { accountId: "654321", api: "web-goal" },
    kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" },
    convert: { accountId: "10022898", projectId: "10025986", api: "tracking-request" },
  },
};

/** What a program does with the package, as text: capture, stash, unstash, build. `face` is the module's namespace. */
export const use = `(face) => {
  const { cookie, now, conversion, accounts } = ${JSON.stringify(sample)};
  const visitor = face.capture({ cookie, now });
  const token = face.stash(visitor);
  const parts = face.stashParts(visitor, 40);
  return {
    visitor,
    token,
    fromParts: face.stash(face.unstash(parts.reverse())),
    plan: face.conversionRequests(token, conversion, accounts),
    problems: face.checkSettings(accounts, conversion),
  };
}`;

/** Fails unless an answer of \`use\` is a full one. */
export function assertComplete({ visitor, token, fromParts, plan, problems }) {
  assert.deepEqual(visitor.problems, []);
  assert.match(token, /^[A-Za-z][A-Za-z0-9._~-]+$/);
  assert.equal(fromParts, token);
  assert.deepEqual(plan.requests.map(({ platform }) => platform).sort(), ["convert", "kameleoon", "optimizely", "vwo"]);
  assert.deepEqual(plan.skipped, []);
  assert.deepEqual(problems, []);
}
