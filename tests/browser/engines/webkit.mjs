// WebKit as GTK has it, through WebDriver: https://www.w3.org/TR/webdriver2/. It shows itself on a screen, which is Xvfb's.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { asText, fromText, Page } from "./page.mjs";

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
};

/** A driver with a screen. Each visit has its own, so that nothing is left of the one before. */
async function drive(screen) {
  const port = await freePort();
  const driver = spawn(process.env.WEBKIT_DRIVER || "/usr/bin/WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: {
      ...process.env,
      DISPLAY: screen,
      // Bubblewrap does not run as root. All that is opened here are the tests' own pages.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    },
  });
  const ended = once(driver, "close");
  const end = () => driver.kill();
  process.on("exit", end);

  const call = async (method, path, body) => {
    const signal = AbortSignal.timeout(60_000);
    const sent = { method, body: body && JSON.stringify(body), signal };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, sent);
    const { value } = /** @type {{ value: any }} */ (await response.json());
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  for (let waits = 0; ; waits += 1) {
    const up = await call("GET", "/status").catch(() => undefined);
    if (up?.ready) break;
    if (waits === 100) throw new Error("WebKitWebDriver does not answer.");
    await sleep(50);
  }
  return {
    call,
    async close() {
      end();
      await ended;
      process.off("exit", end);
    },
  };
}

/** A driver and its browser. Now and then a browser ends as it starts, and its driver would wait for it for ever. */
async function begin(screen, proxy) {
  const wanted = {
    capabilities: {
      alwaysMatch: {
        browserName: "MiniBrowser",
        proxy: {
          proxyType: "manual",
          httpProxy: `127.0.0.1:${proxy}`,
          sslProxy: `127.0.0.1:${proxy}`,
          // `noProxy` would end the browser now and then as it starts (WebKitGTK 2.50 reads the list beyond its end):
          // the proxy lets through what stays on this machine.
        },
        "webkitgtk:browserOptions": {
          binary: process.env.MINIBROWSER || "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
          args: ["--automation"],
        },
      },
    },
  };
  for (let attempt = 1; ; attempt += 1) {
    const driver = await drive(screen);
    try {
      return { ...driver, sessionId: (await driver.call("POST", "/session", wanted)).sessionId };
    } catch (error) {
      await driver.close();
      if (attempt === 3) throw error;
    }
  }
}

/** @param {{ proxy: number }} options The port of a proxy for whatever leaves this machine. */
export async function launch({ proxy }) {
  const xvfb = spawn(
    process.env.XVFB || "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    },
  );
  const end = () => xvfb.kill();
  process.on("exit", end);
  const [display] = await Promise.race([
    once(/** @type {import("node:stream").Readable} */ (xvfb.stdio[3]), "data"),
    once(xvfb, "error").then(([error]) => Promise.reject(error)),
  ]);
  const screen = `:${String(display).trim()}`;

  return {
    /** A browser of its own, which keeps nothing. */
    async open({ complaints, viewport }) {
      const { call, close, sessionId } = await begin(screen, proxy);
      const session = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);
      await session("POST", "/window/rect", viewport);
      const run = async (source) => {
        // The driver does not tell what the console says. A script of the test's server keeps it, until somebody asks.
        const script = `const done = arguments[arguments.length - 1];
          const end = (result) => done({ ...result, said: window.complaints?.splice(0) ?? [] });
          (async () => ${asText(source)})().then(
            (value) => end({ value }),
            (error) => end({ error: String(error) }),
          );`;
        const { value, error, said } = await session("POST", "/execute/async", { script, args: [] });
        complaints.push(...said);
        if (error !== undefined) throw new Error(error);
        return fromText(value);
      };
      const leave = async (path, body = {}) => {
        await run("undefined");
        await session("POST", path, body);
      };
      const page = new Page({
        goto: (url) => leave("/url", { url }),
        reload: () => leave("/refresh"),
        run,
        press: (value) =>
          session("POST", "/actions", {
            // biome-ignore format: one key, down and up
            actions: [{ type: "key", id: "keyboard", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }],
          }),
        async addCookies(cookies) {
          for (const { name, value } of cookies)
            await session("POST", "/cookie", { cookie: { name, value, path: "/" } });
        },
        // All at once it forgets them without telling the page, which goes on seeing them.
        async clearCookies() {
          for (const { name } of await session("GET", "/cookie")) await session("DELETE", `/cookie/${name}`);
        },
        screenshot: async () => Buffer.from(await session("GET", "/screenshot"), "base64"),
      });
      return {
        page,
        async close() {
          await run("undefined").catch(() => {});
          await session("DELETE", "");
          await close();
        },
      };
    },
    async close() {
      end();
      process.off("exit", end);
    },
  };
}
