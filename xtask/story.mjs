// The way of a conversion, told in the terminal: cookies in, token, requests out, delivered; then a day's calls with the
// command, twice. Every line below a heading is what the built package, the command or the simulator said just now. What is
// sent goes to the simulator on this machine.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { callsCsv, settingsToml } from "../www/demo/export.js";
import { commandPath, compileCommand, simulate } from "./command.mjs";
import { bold, cyan, dim, green, main, project, run, step } from "./run.mjs";
import { accounts, calls, conversion, page } from "./sample.mjs";

const heading = (text) => console.log(`\n${bold(text)}`);
const line = (text = "") => console.log(text && `  ${text}`);
const lines = (text) => text.trimEnd().split("\n").forEach(line);

/** Where the command's files are kept, for whoever wants to go on with them. */
const folder = join(project, "target", "story");

/**
 * Tells the story. Throws if it does not end well: then there is none to tell.
 * @param {import("./command.mjs").Simulator} simulator
 */
export async function story(simulator) {
  const entry = (name) => import(pathToFileURL(join(project, "dist", name)).href);
  const { capture, stash, conversionRequests } = await entry("index.js");
  const { send } = await entry("deliver.js");

  heading("1. A visitor looks at a page. Four A/B-testing platforms leave their cookies:");
  for (const cookie of page.cookie.split("; ")) line(dim(cookie));
  line(dim(`and ${Object.keys(page.storage).length} entries in localStorage`));

  const visitor = capture(page);
  heading("2. capture() reads them all:");
  for (const [name, value] of Object.entries(visitor)) line(`${green(name)} ${JSON.stringify(value)}`);

  const token = stash(visitor);
  heading(`3. stash() makes a token of ${token.length} characters, for a form field or a call tracker:`);
  line(cyan(token));

  heading(
    `4. Days later the phone rings: ${conversion.id}, ${conversion.revenue}. conversionRequests() tells every platform:`,
  );
  const { requests, skipped, warnings } = conversionRequests(token, conversion, accounts);
  for (const { platform, method, url, headers, body, repeat } of requests) {
    line(`${green(platform)} ${dim(`(a repeat is: ${repeat})`)}`);
    line(`  ${method} ${url}`);
    for (const [name, value] of Object.entries(headers)) line(`  ${name}: ${value}`);
    if (body) line(`  ${dim(body)}`);
    line();
  }
  const notes = [...skipped, ...warnings];
  for (const said of new Set(notes.map(({ message }) => message))) {
    const alike = notes.filter(({ message }) => message === said);
    line(dim(`${alike.map(({ platform }) => platform).join(", ")}: ${said} (${alike[0].code})`));
  }
  const missing = Object.keys(accounts).filter((name) => !requests.some(({ platform }) => platform === name));
  if (missing.length > 0) throw new Error(`The story lacks a request to ${missing.join(", ")}.`);

  heading(
    "5. send() delivers them. Here a simulator stands in for the platforms, and checks what their documents ask for:",
  );
  for (const { request, outcome, status, attempts } of await send(requests, { via: simulator.url })) {
    const arrival = (await simulator.log()).find(({ url }) => url === request.url);
    line(
      `${green(request.platform)} ${outcome}: answer ${status}, attempt ${attempts}. ` +
        dim(`Arrived as “${arrival?.endpoint}”, ${arrival?.problems.join(" ") || arrival?.outcome}.`),
    );
  }
  const sent = await simulator.stats();
  if (sent.conversions !== requests.length)
    throw new Error(`${requests.length} requests were sent, and ${sent.conversions} conversions arrived.`);

  const day = calls((page) => stash(capture(page)));
  heading(
    `6. The next night, all of the day's ${day.length} calls. The command \`aftercall\` delivers a call tracker's file:`,
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "calls.csv"), callsCsv(day));
  await writeFile(join(folder, "aftercall.toml"), settingsToml(accounts, conversion, simulator.url));
  const sync = async () => {
    line(dim(`${relative(project, folder)}$ aftercall sync calls.csv`));
    lines(await run(commandPath, ["sync", "calls.csv"], { cwd: folder }));
  };
  await sync();
  const synced = await simulator.stats();
  const expected = day.filter(({ token }) => token).length * requests.length;
  if (synced.conversions - sent.conversions !== expected)
    throw new Error(`${expected} conversions were due, and ${synced.conversions - sent.conversions} arrived.`);

  heading("7. Somebody runs it again. What was delivered is known, and stays at home:");
  await sync();
  const again = await simulator.stats();
  if (again.requests !== synced.requests) throw new Error("The second run sent something.");
  if (again.different !== again.conversions) throw new Error("Something was counted twice.");
  line();
  line(`${green(`${again.conversions} conversions delivered`)}, none twice.`);
}

await main(import.meta.url, async () => {
  await step("Compile the command", compileCommand);
  const simulator = await simulate();
  try {
    await story(simulator);
  } finally {
    await simulator.close();
  }
});
