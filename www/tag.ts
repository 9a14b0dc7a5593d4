/// <reference path="./types/tag.d.ts" />
/**
 * The script tag: reads the page in the task in which it runs, and again when the page is shown or hidden, and hands the
 * result to whoever asks. It writes nothing, and nothing that it defines throws. Its contract is in types/tag.d.ts.
 */
import { initSync } from "#glue";
import { hex } from "#wasm-hex";
import { createCore, problemOf } from "./core.js";
import { tagEngine } from "./engine.js";
import { fromHex } from "./hex.js";
import type { PageGlobals, Problem, VisitorContext } from "./types/index.js";

type Tag = AftercallTag.Tag;

/** Where each setting belongs among the globals of the page. */
const SETTINGS = new Map([
  ["optimizelyAccount", ["optimizely", "accountId"]],
  ["optimizelyProject", ["optimizely", "projectId"]],
  ["vwoAccount", ["vwo", "accountId"]],
  ["kameleoonSite", ["kameleoon", "siteCode"]],
  ["convertAccount", ["convert", "accountId"]],
  ["convertProject", ["convert", "projectId"]],
] as const);

const attribute = (key: string) => `data-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The accounts that attributes or `aftercallConfig` name, and a problem for each name that is not ours. */
const readSettings = () => {
  const globals: Record<string, Record<string, unknown>> = {};
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries({ ...window.aftercallConfig, ...document.currentScript?.dataset })) {
    const [platform, field] = SETTINGS.get(key as never) ?? [];
    if (platform) {
      if (value) globals[platform] = { ...globals[platform], [field as string]: value };
    } else {
      const names = [...SETTINGS.keys()];
      const alike = names.filter((name) => name.slice(0, 2) === key.slice(0, 2));
      const known = (alike.length ? alike : names).map(attribute).join(", ");
      problems.push({
        platform: "page",
        code: "unknown-setting",
        message: `There is no ${attribute(key)}. There is: ${known}.`,
      });
    }
  }
  return { globals: globals as PageGlobals, problems };
};

/** The same function, with a result that names the problem where it would throw. */
const calm =
  <Arguments extends unknown[], Result>(
    call: (...args: Arguments) => Result,
    otherwise: (problem: Problem) => Result,
  ) =>
  (...args: Arguments): Result => {
    try {
      return call(...args);
    } catch (error) {
      return otherwise(problemOf(error));
    }
  };

const install = () => {
  const { globals, problems } = readSettings();
  // The tag's module has no batches.
  const { conversionBatches: _, ...core } = createCore(() => {
    initSync({ module: fromHex(hex) });
    return tagEngine;
  }, globals);

  let visitor: VisitorContext;
  let token = "";
  let seen: string;
  let settle = (_tag: Tag) => {};
  const watchers = new Set<() => void>();

  /** Reads the page. Is the token another one? */
  const read = () => {
    const next = core.capture();
    next.problems.push(...problems);
    // The time alone is no change: a token keeps the day on which the rest last changed.
    const rest = JSON.stringify({ ...next, capturedAt: 0, problems: 0 });
    if (rest === seen) next.capturedAt = visitor.capturedAt;
    seen = rest;
    visitor = next;
    const before = token;
    token = core.stash(next);
    return token !== before;
  };

  const run = (callback: (tag: Tag) => void) => {
    try {
      callback(tag);
    } catch (error) {
      // The site's own fault: it must not stop the others.
      console.error(error);
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
};

// Loaded twice: the first stays.
if (!(window.aftercall as Tag | undefined)?.version) {
  try {
    install();
  } catch (error) {
    console.error(error);
  }
}
