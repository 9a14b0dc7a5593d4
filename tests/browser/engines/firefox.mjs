// Firefox as it is shipped, through WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/. One browser for a file of tests,
// a container of cookies and storage for each visit.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "undici";
import { asText, fromText, Page } from "./page.mjs";

/** It asks nobody for updates, lists, or studies; whatever a page asks for off this machine goes to the test's proxy. */
const preferences = (proxy) => ({
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.contentblocking.introCount": 99,
  "browser.safebrowsing.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.systemAddon.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "media.gmp-provider.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": proxy,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": proxy,
  "network.proxy.type": 1,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
});

/** The address on which the browser listens, from what it prints. */
const listening = (child) =>
  new Promise((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
      const [, address] = /WebDriver BiDi listening on (\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    child.on("error", reject);
    child.on("close", () => reject(new Error(`Firefox ended before it listened:\n${said}`)));
  });

/** Commands and their answers, over one socket. */
async function connect(address) {
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`Firefox does not answer at ${address}.`)));
  });
  const waiting = new Map();
  const listeners = new Set();
  socket.addEventListener("message", ({ data }) => {
    const { id, type, method, params, result, message } = JSON.parse(data);
    if (type === "event") for (const listener of listeners) listener(method, params);
    else if (type === "success") waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(message));
    waiting.delete(id);
  });
  let last = 0;
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return { send, listeners, close: () => socket.close() };
}

/** @param {{ proxy: number }} options The port of a proxy for whatever leaves this machine. */
export async function launch({ proxy }) {
  const profile = await mkdtemp(join(tmpdir(), "aftercall-firefox-"));
  const lines = Object.entries(preferences(proxy)).map(
    (pair) => `user_pref(${pair.map((one) => JSON.stringify(one))});`,
  );
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const child = spawn(
    process.env.FIREFOX || "/usr/bin/firefox-esr",
    ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise((resolve) => child.on("close", resolve));
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  const { send, listeners, close } = await connect(await listening(child));
  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["log.entryAdded"] });

  return {
    /** @param {{ complaints: string[], viewport: { width: number, height: number } }} options */
    async open({ complaints, viewport }) {
      const { userContext } = await send("browser.createUserContext", {});
      const { context } = await send("browsingContext.create", { type: "tab", userContext });
      await send("browsingContext.setViewport", { context, viewport });
      const listener = (_method, { level, text, source }) => {
        if (source.userContext && source.userContext !== userContext) return;
        if (level === "error" || level === "warn") complaints.push(text);
      };
      listeners.add(listener);
      const partition = { type: "storageKey", userContext };
      const page = new Page({
        goto: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
        reload: () => send("browsingContext.reload", { context, wait: "complete" }),
        async run(source) {
          // As text: the protocol's own notation has a type for each value.
          const { type, result, exceptionDetails } = await send("script.callFunction", {
            functionDeclaration: `async () => ${asText(source)}`,
            awaitPromise: true,
            target: { context },
          });
          if (type === "exception") throw new Error(exceptionDetails.text);
          return fromText(result.value);
        },
        press: (value) =>
          send("input.performActions", {
            context,
            // biome-ignore format: one key, down and up
            actions: [{ type: "key", id: "keyboard", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }],
          }),
        async addCookies(cookies) {
          for (const { name, value, url } of cookies)
            await send("storage.setCookie", {
              cookie: { name, value: { type: "string", value }, domain: new URL(url).hostname, path: "/" },
              partition,
            });
        },
        clearCookies: () => send("storage.deleteCookies", { partition }),
        screenshot: async () =>
          Buffer.from((await send("browsingContext.captureScreenshot", { context })).data, "base64"),
      });
      return {
        page,
        async close() {
          listeners.delete(listener);
          await send("browser.removeUserContext", { userContext });
        },
      };
    },
    async close() {
      close();
      end();
      await ended;
      process.off("exit", end);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
