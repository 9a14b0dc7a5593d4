// Chromium through Playwright, which has more than the other engines: tests of its own may use that.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

export const launch = async () => ({
  /** A browser of its own, with a fresh profile. */
  async open({ complaints, preferences = {}, ...options }) {
    const profile = await mkdtemp(join(tmpdir(), "aftercall-profile-"));
    await mkdir(join(profile, "Default"));
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: flags.split(" "),
      // As a visitor's browser: pages rest when they are left, and come back as they were.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
      ...options,
    });
    context.setDefaultTimeout(10_000);
    await context.route("**", (route) => {
      if (new URL(route.request().url()).hostname === "127.0.0.1") return route.continue();
      complaints.push(`A request left the machine: ${route.request().url()}`);
      return route.abort();
    });
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    return {
      page: context.pages()[0] ?? (await context.newPage()),
      async close() {
        await context.close();
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
  close: async () => {},
});
