// What README.md and docs/ say is true: their examples run, their tables are complete, their figures are today's.
// UPDATE=1 writes the generated passages and the figures anew.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import vm from "node:vm";
import { crc32 } from "node:zlib";
import * as face from "../../dist/index.js";
import { weigh } from "../../xtask/sizes.mjs";
import { block, chapters, facadeSources, generated, quoted, read, rows, table, write } from "./documents.mjs";
import { readToken } from "./token-reader.mjs";

const readme = read("README.md");
const inDocs = readdirSync("docs").filter((name) => name.endsWith(".md"));
const documents = ["README.md", "CHANGELOG.md", ...inDocs.map((name) => `docs/${name}`)];

test("the example of the readme runs", async (t) => {
  const dist = new URL("../../dist/index.js", import.meta.url).href;
  const example = block(readme, "js");
  assert.ok(example.trim().split("\n").length < 14, "ten lines");
  // `const name = expression; // → value` becomes an assertion.
  const asserting = example.replace(/^const (\w+) = .+; \/\/ → (.+)$/gm, "$&\nassert.equal($1, $2);");
  assert.notEqual(asserting, example, "it shows a result");
  const program = `import assert from "node:assert/strict";\n${asserting}\nexport { requests, skipped };`;
  const log = t.mock.method(console, "log", () => {});
  const text = encodeURIComponent(program.replace('"aftercall"', JSON.stringify(dist)));
  const { requests, skipped } = await import(`data:text/javascript,${text}`);
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    requests.map(({ method, url }) => [method, new URL(url).host]),
    [["POST", "eu-data.kameleoon.io"]],
  );
  assert.equal(log.mock.callCount(), 1);
});

test("the example of delivery runs", async (t) => {
  const visit = {
    conversionEvents: [{ time: Date.now(), data: { goalId: 36151, revenue: 49.9, negative: false } }],
  };
  const fetched = t.mock.method(globalThis, "fetch", async ({ method }) =>
    method === "GET" ? Response.json({ previousVisits: [visit] }) : new Response(null, { status: 204 }),
  );
  const log = t.mock.method(console, "log", () => {});
  const accounts = { kameleoon: { siteCode: "f17c21u1ag", dataHost: "eu-data.kameleoon.io" } };
  const visitor = { kameleoon: { visitorCode: "l200u3djm8kovq4o" } };
  const { requests } = face.conversionRequests(visitor, { id: "call-1", kameleoon: { goalId: 36151 } }, accounts);
  const example = block(chapters(readme).get("Deliver"), "js");
  const [, outcome, status] = example.match(/console\.log\(.+; \/\/ → "(\w+)", (\d+)$/m);
  const asserting = example.replace(/^const \{ (\w+) \} = .+; \/\/ → (.+)$/gm, "$&\nassert.equal($1, $2);");
  assert.match(asserting, /assert/);
  const dist = new URL("../../dist/deliver.js", import.meta.url).href;
  const program = `import assert from "node:assert/strict";
    const requests = ${JSON.stringify(requests)};
    ${asserting.replace('"aftercall/deliver"', JSON.stringify(dist))}`;
  await import(`data:text/javascript,${encodeURIComponent(program)}`);
  assert.deepEqual(log.mock.calls[0].arguments, ["kameleoon", outcome, Number(status)]);
  assert.equal(fetched.mock.callCount(), 2);
});

test("the example of FullStack runs", async (t) => {
  const campaign = (key, percentTraffic) => ({
    ...{ id: key === "AB1" ? 230 : 231, key, type: "VISUAL_AB", status: "RUNNING", percentTraffic, segments: {} },
    goals: [{ id: 203, identifier: "SIGNUP", type: "CUSTOM_GOAL" }],
    variations: [{ id: 1, name: "Control", weight: 100 }],
  });
  const settings = {
    version: 1,
    accountId: 88888888,
    sdkKey: "SDKKEY",
    campaigns: [campaign("AB1", 100), campaign("AB2", 0)],
  };
  const fetched = t.mock.method(globalThis, "fetch", async () => Response.json(settings));
  const warned = t.mock.method(console, "warn", () => {});
  const dist = new URL("../../dist/vwo-fullstack.js", import.meta.url).href;
  const example = block(chapters(readme).get("VWO FullStack"), "js");
  assert.ok(example.trim().split("\n").length < 14, "ten lines");
  const asserting = example.replace(/^const \[?(\w+)\]? = .+; \/\/ → (.+)$/gm, "$&\nassert.deepEqual($1, $2);");
  assert.equal(asserting.match(/assert/g).length, 3);
  const program = `import assert from "node:assert/strict";\n${asserting}`;
  await import(
    `data:text/javascript,${encodeURIComponent(program.replace('"aftercall/vwo-fullstack"', JSON.stringify(dist)))}`
  );
  assert.deepEqual(
    fetched.mock.calls.map(({ arguments: [url] }) => new URL(url).pathname),
    ["/server-side/settings", "/server-side/track-goal", "/server-side/batch-events"],
  );
  assert.ok(warned.mock.callCount() > 0, "log was told of what is not stored");
});

/** The world of a page, as far as the script tag looks at it. */
function page({ cookie, dataset, globals }) {
  const listeners = [];
  class Window {}
  const field = { value: "" };
  const world = Object.assign(Object.create(Window.prototype), {
    Window,
    document: {
      cookie,
      currentScript: null,
      querySelector: (selector) => (selector === "#test-context" ? field : null),
      addEventListener: () => {},
      dispatchEvent: () => true,
    },
    location: { href: "https://shop.example/" },
    addEventListener: (...listener) => listeners.push(listener),
    // The script's own task ends at once, and nobody waits for a later one.
    queueMicrotask: (run) => run(),
    setTimeout: () => 0,
    console,
    CustomEvent,
    TextDecoder,
    TextEncoder,
    WebAssembly,
    ...globals,
  });
  world.window = world;
  world.self = world;
  const context = vm.createContext(world);
  // In the context `globalThis` is another object than `world`: it too must be a window.
  vm.runInContext("Object.setPrototypeOf(globalThis, Window.prototype)", context);
  return {
    field,
    run(code, attributes) {
      world.document.currentScript = attributes ? { dataset } : null;
      vm.runInContext(code, context);
    },
  };
}

test("the script tag of the readme fills the field", () => {
  const html = block(readme, "html");
  const [, inline] = html.match(/<script>([\s\S]+?)<\/script>/);
  const [, attributes] = html.match(/<script async src="\/aftercall\.js"(.*?)><\/script>/);
  assert.equal(attributes, ' data-consent="none" data-kameleoon-site="f17c21u1ag"');
  const { field, run } = page({
    cookie: "kameleoonVisitorCode=l200u3djm8kovq4o; optimizelyEndUserId=oeu1403497108674r0.684978179866448",
    dataset: { consent: "none", kameleoonSite: "f17c21u1ag" },
    globals: { optimizely: { getAccountId: () => 12001, getProjectId: () => "111001" } },
  });
  run(inline);
  run(read("dist/aftercall.js"), true);
  const { kameleoon, optimizely, problems } = face.unstash(field.value);
  assert.deepEqual(kameleoon, { visitorCode: "l200u3djm8kovq4o", siteCode: "f17c21u1ag", experiments: {} });
  assert.deepEqual([optimizely.accountId, optimizely.projectId], ["12001", "111001"]);
  assert.deepEqual(problems, []);
});

test("the token of the readme is that of its example", () => {
  const [, cookie, now] = block(readme, "js").match(/cookie: "(.+?)", now: Date\.UTC\((.+?)\)/);
  const token = face.stash(face.capture({ cookie, now: Date.UTC(...now.split(",").map(Number)) }));
  const due = read("README.md").replace(/"A[\w-]{20,}"/g, JSON.stringify(token));
  if (process.env.UPDATE) write("README.md", due);
  else assert.equal(readme, due, "UPDATE=1 writes it anew");
  assert.equal(due.split(token).length, 3, "in both languages");
});

test("every figure of the readme is what the build weighs", async () => {
  const weights = new Map((await weigh()).map((weight) => [weight.file, weight]));
  const marker = /<!--size (\S+)-->([\d,]+)<!--\/size-->/g;
  const due = read("README.md").replace(marker, (_, file) => {
    const { brotli, guard } = weights.get(file) ?? {};
    assert.ok(guard, `${file} has a guard: npm run sizes -- --record`);
    assert.ok(guard < brotli * 1.05, `${file} is ${brotli} bytes and its guard ${guard}: record it anew`);
    return `<!--size ${file}-->${guard.toLocaleString("en")}<!--/size-->`;
  });
  if (process.env.UPDATE) write("README.md", due);
  else assert.equal(readme, due, "UPDATE=1 writes the figures anew");
  assert.equal(readme.match(marker).length, 8);
  const rest = readme.replace(marker, "");
  assert.equal(rest.match(/\d\s*(bytes|kb|kib|ms|µs|characters|×|%|tests)\b/i), null, "a figure that nobody checks");
});

test("what the readme and the documents name is there", () => {
  const { scripts, exports, version } = JSON.parse(read("package.json"));
  for (const path of documents) {
    const text = read(path).replace(/^```json[\s\S]*?^```$/gm, "");
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      assert.ok(existsSync(join(dirname(path), link)), `${path} links to ${link}`);
    for (const [, command] of text.matchAll(/npm (?:run )?(start|test|bench|(?<=run )\w+)/g))
      assert.ok(scripts[command], `${path} names npm run ${command}`);
    for (const name of quoted(text)) {
      const entry = name.match(/^aftercall(\/[\w.-]+)?$/);
      if (entry) assert.ok(exports[`.${entry[1] ?? ""}`], `${path} names ${name}`);
      const file = name.match(/^(src|www|tests|xtask|docs|dist)\/[\w./-]*(?=$|:)/);
      if (file) assert.ok(existsSync(file[0]), `${path} names ${file[0]}`);
    }
  }
  assert.ok(readme.includes(`aftercall-${version}.tgz`), "the tarball has the version's name");
  assert.match(read("Cargo.toml"), new RegExp(`^version = "${version}"$`, "m"));
});

test("the table of codes has those of the facade, and no others", () => {
  const given = [...facadeSources.matchAll(/(?:AftercallError\(|code: |code \|\| )"([a-z-]+)"/g)].map(
    ([, code]) => code,
  );
  const codes = chapters(read("docs/codes.md"));
  const column = (name) => rows(codes.get(name)).map(([code]) => quoted(code)[0]);
  const core = column("Of the core");
  const facade = column("Of the JavaScript around it");
  // `invalid-conversion` is the core's, and given here too.
  assert.deepEqual([...facade].sort(), [...new Set(given)].filter((code) => !core.includes(code)).sort());
  const [, union] = read("www/types/index.d.ts").match(/export type Code =([^;]+);/);
  const typed = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  assert.deepEqual([...core, ...facade].sort(), typed.sort());
  for (const [chapter, text] of codes) {
    const places =
      chapter === "Of the command"
        ? ["stop", "rejected", "skipped", "dead", "in doubt"]
        : ["problem", "thrown", "skipped", "warning", "settings"];
    for (const [code, where] of rows(text))
      for (const place of where.split(", ")) assert.ok(places.includes(place), `${code}: ${place}`);
  }
});

const example = { capturedAt: Date.UTC(2026, 10, 20), kameleoon: { visitorCode: "245fc", experiments: { 7: "12" } } };
const json = (rows) => `\`\`\`json\n[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n\`\`\`\n`;
const bytesOf = (token) => [...Buffer.from(token.slice(1), "base64url")];

/** The token of a body: what has a right checksum and is wrong all the same. */
function seal(version, body) {
  const bytes = Uint8Array.from([version, body.length, ...body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return `A${Buffer.concat([bytes, checksum]).toString("base64url")}`;
}

test("golden tokens: the document shows the shorter ones, and a reader written from it reads all", () => {
  const golden = JSON.parse(read("tests/golden/tokens.json"));
  for (const { name, context, token, parts = [token] } of golden)
    for (const given of [token, parts, [...parts].reverse()])
      assert.deepEqual(readToken(given), { ...context, problems: [] }, name);
  const shown = golden.filter(({ token }) => token.length <= 80);
  assert.ok(shown.length >= 4);
  generated(
    "docs/token.md",
    "golden",
    `${table(
      ["token", "characters"],
      shown.map(({ name, token }) => [name, token.length]),
    )}\n${json(shown.map(({ name, context, token }) => ({ name, context, token })))}`,
  );
});

test("what is no token is refused by both readers, with the codes of the document", () => {
  const token = face.stash(example);
  const body = bytesOf(token).slice(2, -4);
  const day = body.slice(0, 5);
  const vwo = { vwo: { uuid: "D11BD6ED27A63F845ADFCBA2D9AA7835C" } };
  const parts = face.stashParts({ ...example, ...vwo }, 40);
  const others = face.stashParts({ ...example, ...vwo, capturedAt: example.capturedAt + 86_400_000 }, 40);
  const refused = [
    ["nothing", ""],
    ["another letter", `B${token.slice(1)}`],
    ["one letter changed", token.replace(/.(?=.{9}$)/, (letter) => (letter === "x" ? "y" : "x"))],
    ["padding", `${token}=`],
    ["too long", `${token}AAAA`],
    ["no section", seal(1, [])],
    ["a day and no platform", seal(1, day)],
    ["sections in another order", seal(1, [...body.slice(5), ...day])],
    ["a section with a byte too many", seal(1, [...day, body[5], body[6] + 1, ...body.slice(7), 0])],
    ["the version alone", "AAQ"],
    ["cut off", token.slice(0, -3)],
    ["cut inside a group of four characters", token.slice(0, -1)],
    ["version 2", seal(2, body)],
    ["a part that is alone", parts[0]],
    ["a part twice", [parts[0], ...parts]],
    ["parts of two tokens", [parts[0], ...others.slice(1)]],
    ["two whole tokens", [token, token]],
  ].map(([name, token]) => {
    let code;
    assert.throws(
      () => face.unstash(token),
      (error) => {
        code = error.code;
        return true;
      },
      name,
    );
    assert.throws(() => readToken(token), { code }, name);
    return { name, token, code };
  });
  const documented = rows(chapters(read("docs/token.md")).get("What can be wrong")).map(([code]) => quoted(code)[0]);
  assert.deepEqual(documented.sort(), [...new Set(refused.map(({ code }) => code))].sort(), "an example of each");
  generated("docs/token.md", "refused", json(refused));
});

test("what stash would never write is refused by both readers", () => {
  const bits = (...fields) =>
    fields
      .join("")
      .match(/.{1,8}/g)
      .map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
  const section = (tag, value) => [tag, value.length, ...value];
  // One key, 7, that the map before does not have; then what its list holds.
  const key = "0 010 000011 111".replaceAll(" ", "");
  const [none, two] = ["01", "0 011 000010 01 10".replaceAll(" ", "")];
  const noTexts = { 2: "0000", 3: "00", 4: "00", 5: "000" };
  const wrong = [
    ["Optimizely: a list without an id", 2, key, none, "1"],
    ["VWO: a list without an id", 3, key, none, "0"],
    ["Kameleoon: a list without an id", 4, key, none],
    ["Kameleoon: two variations of one experiment", 4, key, two],
    ["Convert: a list without an id", 5, key, none, "0 1 1".replaceAll(" ", "")],
    ["Convert: two variations of one experience", 5, key, two, "0 1 1".replaceAll(" ", "")],
  ];
  for (const [name, tag, ...fields] of wrong) {
    const token = seal(1, section(tag, bits(noTexts[tag], ...fields)));
    assert.throws(() => readToken(token), { code: "malformed-stash" }, name);
    assert.throws(() => face.unstash(token), { code: "malformed-stash" }, name);
  }
});

test("the document's example, bit by bit", () => {
  const token = face.stash(example);
  const bytes = bytesOf(token);
  const hex = (from, to) =>
    bytes
      .slice(from, to)
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join(" ");
  const fields = [];
  readToken(token, ({ tag, bits, name, value }) => {
    if (bits) fields.push([tag, `\`${bits}\``, name, `${value}`]);
  });
  const [end, section] = [bytes.length, 4 + bytes[3]];
  assert.deepEqual([bytes[2], bytes[section]], [1, 4], "day, then Kameleoon");
  const range = (from, to) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`);
  const outside = [
    ["version", 0, 1],
    ["length of the body", 1, 2],
    ["section 1, day: tag and length", 2, 4],
    ["its value", 4, section],
    ["section 4, Kameleoon: tag and length", section, section + 2],
    ["its value", section + 2, end - 4],
    ["checksum", end - 4, end],
  ].map(([what, from, to]) => [range(from, to), what, hex(from, to)]);
  const passage = [
    `Its token is \`${token}\`: the letter, and these bytes:\n`,
    table(["bytes", "what", "hex"], outside),
    "The values of the sections:\n",
    table(["section", "bits", "field", "value"], fields),
  ];
  generated("docs/token.md", "example", passage.join("\n"));
});

test("a visitor of four platforms with three experiments each fits in 255 characters", async () => {
  const { page } = await import("../../xtask/sample.mjs");
  const visitor = face.capture(page);
  for (const seen of [visitor.optimizely.experiments, visitor.vwo.campaigns, visitor.kameleoon.experiments])
    assert.equal(Object.keys(seen).length, 3);
  assert.equal(Object.keys(visitor.convert.experiences).length, 3);
  const token = face.stash(visitor);
  assert.ok(token.length <= 255, `${token.length}`);
  assert.deepEqual(readToken(token), {
    ...visitor,
    capturedAt: visitor.capturedAt - (visitor.capturedAt % 86_400_000),
  });
});
