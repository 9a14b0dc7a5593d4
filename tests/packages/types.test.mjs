// The shipped types keep the public contract: what they declare can stand for it, and a changed declaration cannot.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));
const contract = join(project, "tests", "packages", "contract");
const shipped = join(project, "dist", "types");

/** Changes that would break somebody: [in which file, what stands there, what would stand there]. */
const mutants = [
  ["index.d.ts", "export function stashParts(", "export function stashInParts("],
  [
    "index.d.ts",
    "export function stash(visitor: VisitorInput): string;",
    "export function stash(visitor: VisitorContext): string;",
  ],
  ["index.d.ts", "unstash(token: string | string[])", "unstash(token: string)"],
  ["index.d.ts", "  accounts?: Accounts,\n", "  accounts: Accounts,\n"],
  ["index.d.ts", "  endUserId: string;", "  endUserId?: string;"],
  ["index.d.ts", "campaigns: Record<Id, Id[]>;", "campaigns: Record<Id, Id>;"],
  ["index.d.ts", "  callTrackers?: Record<string, string>;", "  callTracker?: Record<string, string>;"],
  ["index.d.ts", "  revenue?: string | number;", "  revenue?: string;"],
  [
    "index.d.ts",
    "    sdkKey?: string;\n  };\n  /**\n   * `dataHost`",
    "    sdkkey?: string;\n  };\n  /**\n   * `dataHost`",
  ],
  ["index.d.ts", '"safe" | "unproven" | "counts-twice"', '"safe" | "unproven"'],
  ["index.d.ts", "class AftercallError extends Error", "class AftercallError"],
  ["js.d.ts", 'export * from "./index.js";', 'export { capture, stash } from "./index.js";'],
  ["slim.d.ts", "init(source: Source)", "init(source: Source, options: object)"],
  ["slim.d.ts", "initSync(source: SyncSource): void", "initSync(source: ArrayBuffer): void"],
  ["slim.d.ts", "Promise<void>", "void"],
  ["vwo-fullstack.d.ts", "    options?: TrackOptions,", "    options: TrackOptions,"],
  ["vwo-fullstack.d.ts", "): Record<string, boolean> | null;", "): Record<string, boolean>;"],
  ["vwo-fullstack.d.ts", "  eventProperties?: object;", "  eventProps?: object;"],
  ["vwo-fullstack.d.ts", "  settingsFile: string | object;", "  settingsFile: object;"],
  ["vwo-fullstack.d.ts", "  dispatch?: (request: ConversionRequest) => void;", "  dispatch?: (url: string) => void;"],
  ["vwo-fullstack.d.ts", "variation?: string; reason: string", "variation?: string; reason?: string"],
  ["vwo-fullstack.d.ts", "flush(): Promise<Delivery[]>;", "flush(): Promise<void>;"],
  ["deliver.d.ts", '"accepted" | "sent"', '"accepted" | "left"'],
  ["deliver.d.ts", "  timeout?: number;", "  timeOut?: number;"],
  ["deliver.d.ts", "  signal?: AbortSignal;", "  signal: AbortSignal;"],
  ["deliver.d.ts", "Promise<Delivery[]>;", "Promise<Delivery>;"],
  ["deliver.d.ts", "  since?: string | number | Date;", "  since?: string | number;"],
  ["deliver.d.ts", '"recorded" | "not-yet"', '"found" | "not-yet"'],
  ["deliver.d.ts", "  visits: KameleoonVisit[];", "  visits?: KameleoonVisit[];"],
  ["deliver.d.ts", "[field: string]: unknown;", ""],
  ["vwo-fullstack.d.ts", 'readonly REVENUE: "REVENUE_TRACKING"', 'readonly REVENUE: "REVENUE"'],
  [
    "vwo-fullstack.d.ts",
    "export function launch(options: LaunchOptions)",
    "export function start(options: LaunchOptions)",
  ],
  ["vwo-fullstack.d.ts", "accountId: string | number, sdkKey: string", "sdkKey: string"],
  ["tag.d.ts", "watch(callback: (tag: Tag) => void): () => void;", "watch(callback: (tag: Tag) => void): void;"],
  ["tag.d.ts", "consent(granted: boolean): void;", "consent(granted: string): void;"],
  ["tag.d.ts", "diagnose(): { ok: boolean;", "diagnose(): {"],
  ["tag.d.ts", "readonly token: string;", "readonly token?: string;"],
  ["tag.d.ts", "CustomEvent<AftercallTag.Tag>", "Event"],
];

/** Type-check a folder. Returns the files with errors, and what the compiler printed. */
async function compile(folder, options) {
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: "es2022",
      module: "nodenext",
      types: [],
      ...options,
    },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  // The compiler prints paths relative to where it runs.
  const output = await new Promise((resolve) =>
    execFile(join(project, "node_modules", ".bin", "tsc"), ["-p", "."], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    ),
  );
  return { output, files: [...output.matchAll(/^(.+?)\(\d+,\d+\): error/gm)].map(([, file]) => file) };
}

const inTemporaryFolder = (work) => async () => {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-types-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** The checks against one set of types. The tag's are global: each set gets names of its own. */
async function arrange(folder, mutant) {
  const types = join(folder, "shipped");
  await cp(shipped, types, { recursive: true });
  if (mutant) {
    const [file, from, to] = mutant;
    const text = await readFile(join(types, file), "utf8");
    assert.ok(text.includes(from), `${file} no longer says ${from}: mend the mutant`);
    await writeFile(join(types, file), text.replaceAll(from, to));
  }
  const id = folder.match(/\w+$/)[0];
  const own = (text) => text.replaceAll("Shipped", `Shipped_${id}`);
  const tag = (await readFile(join(types, "tag.d.ts"), "utf8"))
    .replaceAll("AftercallTag", "ShippedTag")
    .replace("interface Window", "interface ShippedWindow")
    .replace("interface DocumentEventMap", "interface ShippedEvents");
  await writeFile(join(types, "tag.d.ts"), own(tag));
  const check = await readFile(join(contract, "check.ts"), "utf8");
  await writeFile(join(folder, "check.ts"), check.replaceAll('"shipped/', '"./shipped/'));
  await writeFile(join(folder, "check-tag.ts"), own(await readFile(join(contract, "check-tag.ts"), "utf8")));
}

test(
  "the shipped types keep the contract, and no mutant does",
  inTemporaryFolder(async (folder) => {
    await cp(join(contract, "aftercall.contract.d.ts"), join(folder, "aftercall.contract.d.ts"));
    const folders = ["original", ...mutants.map((_, i) => `mutant${i}`)];
    for (const [i, name] of folders.entries()) {
      await mkdir(join(folder, name));
      await arrange(join(folder, name), mutants[i - 1]);
    }
    const { output, files } = await compile(folder, { lib: ["es2022", "dom", "dom.iterable"] });
    const broken = new Set(files.map((file) => file.split("/")[0]));
    assert.ok(
      !broken.has("original"),
      output
        .split("\n")
        .filter((line) => line.startsWith("original"))
        .join("\n"),
    );
    assert.ok(!broken.has("aftercall.contract.d.ts"), output);
    const survivors = mutants.filter((_, i) => !broken.has(`mutant${i}`));
    assert.deepEqual(survivors, [], "mutants that compile");
  }),
);

test(
  "the types compile without a page's: for servers",
  inTemporaryFolder(async (folder) => {
    for (const file of await readdir(shipped)) await cp(join(shipped, file), join(folder, file));
    await cp(join(project, "node_modules", "@types"), join(folder, "node_modules", "@types"), { recursive: true });
    await cp(join(project, "node_modules", "undici-types"), join(folder, "node_modules", "undici-types"), {
      recursive: true,
    });
    await writeFile(
      join(folder, "use.mts"),
      `import { readFileSync } from "node:fs";
       import { capture, conversionRequests, stash } from "./index.js";
       import { send, verifyKameleoon } from "./deliver.js";
       import { init, initSync } from "./slim.js";
       import { launch } from "./vwo-fullstack.js";
       initSync(readFileSync("aftercall.wasm"));
       await init(fetch("https://shop.example/aftercall.wasm"));
       await init(new URL("https://shop.example/aftercall.wasm"));
       const token: string = stash(capture({ cookie: "a=1" }));
       const urls: string[] = conversionRequests(token, { id: "1" }).requests.map(({ url }) => url);
       const tracked: boolean | undefined = launch({ settingsFile: "{}" }).track(null, "user", "goal")?.key;
       const [delivery] = await send([], { signal: AbortSignal.timeout(5), secrets: { convert: "" } });
       const query = { siteCode: "", dataHost: "", goalId: 1n, visitorCode: "" };
       const { state, visits } = await verifyKameleoon(query, { attempts: 1 });
       console.log(urls, tracked, delivery?.outcome, state, visits[0]?.conversionEvents?.[0]?.data.goalId);
       // @ts-expect-error: a number is no source
       await init(5);`,
    );
    const { output } = await compile(folder, { lib: ["es2022"], types: ["node"] });
    assert.equal(output, "");
  }),
);
