/// <reference path="../types/tag.d.ts" />
/**
 * The script tag, `dist/aftercall.js`: reads the page in the task in which it runs, and again when the page is shown or
 * hidden, and hands the result to whoever asks. Nothing that it defines throws or prints. Its contract is in
 * types/tag.d.ts; what few pages need lies in files beside it (beside.ts).
 */
import { initSync } from "#glue";
import { hex } from "#wasm-hex";
import { createCore } from "../core.js";
import { tagEngine } from "../engine.js";
import { fromHex } from "../hex.js";
import type { VisitorContext } from "../types/index.js";
import { createLoader } from "./beside.js";
import { calm } from "./calm.js";
import { createChecks } from "./diagnose.js";
import type { Beside, Tag } from "./seams.js";
import { readSettings } from "./settings.js";

const install = () => {
  const script = (document.currentScript ?? undefined) as HTMLScriptElement | undefined;
  const settings = readSettings(script);
  const load = createLoader(script, settings);
  const { report, diagnose } = createChecks();
  // The tag's module has no batches.
  const { conversionBatches: _, ...core } = createCore(() => {
    initSync({ module: fromHex(hex) });
    return tagEngine;
  }, settings.globals);

  let visitor: VisitorContext;
  let token = "";
  let seen: string;
  let settle = (_tag: Tag) => {};
  const watchers = new Set<() => void>();

  /** Reads the page. Is the token another one? */
  const read = () => {
    const next = core.capture();
    next.problems.push(...settings.problems);
    // The time alone is no change: a token keeps the day on which the rest last changed.
    const rest = JSON.stringify({ ...next, capturedAt: 0, problems: 0 });
    if (rest === seen) next.capturedAt = visitor.capturedAt;
    seen = rest;
    visitor = next;
    const before = token;
    token = core.stash(next);
    return token !== before;
  };

  /** The site's own fault must not stop the others. */
  const run = (callback: (tag: Tag) => void) => {
    try {
      callback(tag);
    } catch (error) {
      report({ name: "callbacks", ok: false, message: `A callback of this page failed: ${error}` });
    }
  };

  const tell = (what: string) => document.dispatchEvent(new CustomEvent(`aftercall:${what}`, { detail: tag }));

  const tag: Tag = {
    ...core,
    unstash: calm(core.unstash, (problem) => ({ capturedAt: Date.now(), problems: [problem] })),
    conversionRequests: calm(core.conversionRequests, (problem) => ({
      requests: [],
      skipped: [problem],
      warnings: [],
    })),
    checkSettings: calm(core.checkSettings, (problem) => [problem]),
    version: __VERSION__,
    get visitor() {
      return visitor;
    },
    get token() {
      return token;
    },
    ready: new Promise((resolve) => {
      settle = resolve;
    }),
    push(...callbacks) {
      callbacks.forEach(run);
    },
    watch(callback) {
      const watcher = () => run(callback);
      watchers.add(watcher);
      watcher();
      return () => {
        watchers.delete(watcher);
      };
    },
    consent() {},
    diagnose,
  };

  read();
  const queue = window.aftercall;
  window.aftercall = tag;
  if (Array.isArray(queue)) tag.push(...queue);
  settle(tag);
  tell("ready");

  // Platforms decide late. A page is shown right after it loads, and again when it comes back from the history.
  const refresh = () => {
    if (read()) {
      for (const watcher of [...watchers]) watcher();
      tell("change");
    }
  };
  addEventListener("pageshow", refresh);
  document.addEventListener("visibilitychange", refresh);

  /** A file beside the script, for what it does. */
  const beside = <Name extends keyof Beside>(name: Name, use: (part: Beside[Name]) => void) =>
    load(name).then(
      (part) => use(part),
      (error) => report({ name: `aftercall.${name}.js`, ok: false, message: error.message }),
    );
  if (settings.outlets && settings.consent === "none")
    beside("outlets", ({ start }) =>
      start(tag, (settings.outlets ?? "").split(/\s+/), report, settings.cookie || "aftercall_ctx"),
    );
  if (/[?&]aftercall_debug=1(&|#|$)/.test(location.href)) beside("debug", ({ show }) => show(tag));
};

// Loaded twice: the first stays.
if (!(window.aftercall as Tag | undefined)?.version) {
  try {
    install();
  } catch {
    // A window in which not even this works: the page goes on without the tag.
  }
}
