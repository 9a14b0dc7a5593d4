// What npm start ends with.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import test, { before } from "node:test";
import { compileCommand } from "../../xtask/command.mjs";
import { project, run } from "../../xtask/run.mjs";

before(() => compileCommand());

test("npm start's last part tells the story, serves demo and simulator, and takes both along when it ends", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address();
  const child = spawn(process.execPath, ["xtask/demo.mjs"], { cwd: project, env: { ...process.env, PORT: port } });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  const url = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const found = /The demo is at (\S+).*it arrives at (\S+)\.\n/s.exec(output);
        if (found) resolve(found[1]);
      });
    ended.then(() => reject(new Error(output)));
  });
  try {
    const demo = await url;
    assert.ok(Number(new URL(demo).port) > port, "the next free port");
    const { url: simulator } = await (await fetch(`${demo}simulator.json`)).json();
    assert.match(output, /48 conversions delivered, none twice\./);
    assert.equal((await (await fetch(`${simulator}/_stats`)).json()).requests, 0, "the back office begins anew");
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    for (const address of [demo, simulator]) await assert.rejects(fetch(address), address);
  } finally {
    child.kill("SIGKILL");
    taken.close();
  }
});

test("a PORT that is none is said in words", async () => {
  await assert.rejects(run(process.execPath, ["xtask/demo.mjs"], { env: { PORT: "demo" } }), /PORT is the number/);
});
