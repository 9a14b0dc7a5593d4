/// <reference path="../types/tag.d.ts" />
/**
 * The script tag, `dist/aftercall.js`: reads the page in the task in which it runs, and again when there may be something
 * new, keeps the token in a cookie where the visitor consents, and hands it to whoever asks. Nothing that it defines throws
 * or prints. Its contract is in types/tag.d.ts; what few pages need lies in files beside it (beside.ts).
 */
import { createCore } from "../core.js";
import { readCookies } from "../page.js";
import type { Problem, VisitorContext } from "../types/index.js";
import { createLoader } from "./beside.js";
import { calm, textOf } from "./calm.js";
import { createConsent } from "./consent/index.js";
import { createCookie } from "./cookie.js";
import { createChecks } from "./diagnose.js";
import { createEngine } from "./engine.js";
import { createLook, type Look } from "./look.js";
import type { Beside, Outlets, Tag } from "./seams.js";
import { readSettings, SPACES } from "./settings.js";
import { watchPage } from "./timing.js";

const problem = (rest: Omit<Problem, "platform">): Problem => ({ platform: "page", ...rest });

/** Where the visitor arrived, if the address says whom Convert knew elsewhere: a route may change before consent comes. */
const arrival = () => (/[?&]_conv_v=/.test(location.href) ? location.href : undefined);

/** A page without cookies and storage: a sandboxed frame, or a browser that blocks them. */
const isBlocked = (cookies?: string) =>
  // Whoever has a cookie need not ask the browser's other process.
  cookies === undefined || (!cookies && window.navigator?.cookieEnabled === false);

const install = () => {
  const script = (document.currentScript ?? undefined) as HTMLScriptElement | undefined;
  const settings = readSettings(script);
  const arrivedAt = arrival();
  const load = createLoader(script, settings);
  const cookie = createCookie(settings);
  const engine = createEngine(settings, script, () =>
    beside("nowasm", (twin) => {
      engine.replace(twin.engine);
      refresh();
    }),
  );
  const consent = createConsent(settings, () => refresh());
  const around: { globals: typeof settings.globals; url?: string } = { globals: settings.globals };
  const { look, ...core } = createCore(engine.start, around, createLook(around));

  let visitor: VisitorContext;
  let token = "";
  let last: Look;
  let seen: string;
  let settle = (_tag: Tag) => {};
  const watchers = new Set<() => void>();
  let again = () => {};

  /** Where the visitor arrived is read where the page itself says nothing any more. */
  const here = <Found extends { visitor: VisitorContext }>(read: () => Found) => {
    around.url = undefined;
    const found = read();
    if (found.visitor.convert || !arrivedAt) return found;
    around.url = arrivedAt;
    return read();
  };

  const nobody = () => ({
    visitor: {
      capturedAt: Date.now(),
      problems: [
        problem({ code: "no-consent", message: "The visitor did not consent, or not yet: nothing was read." }),
      ],
    },
    token: "",
  });

  /** The page's cookies, where the visitor consents. */
  const allowed = () => (consent.mayRead() ? readCookies() : undefined);

  const complete = ({ problems }: VisitorContext, cookies?: string) => {
    if (consent.mayRead() && isBlocked(cookies))
      problems.push(
        problem({
          code: "storage-blocked",
          message: "This page has no cookies: it is sandboxed, or they are blocked.",
        }),
      );
  };

  const capture: typeof core.capture = (page) => {
    if (page !== undefined) return core.capture(page);
    const found = consent.mayRead() ? here(() => ({ visitor: core.capture() })) : nobody();
    complete(found.visitor, allowed());
    return found.visitor;
  };

  /** Reads the page. Is the token another one? */
  const read = () => {
    // Before consent not even the module starts.
    const found = consent.mayRead() ? here(() => look(cookie.others(cookies))) : nobody();
    if (found === last) return false;
    last = found;
    const next = found.visitor;
    complete(next, cookies);
    // Given again after it was taken back, consent finds the same visitor.
    next.problems = [...new Set([...next.problems, ...settings.problems])];
    // The time alone is no change: a token keeps the day on which the rest last changed.
    const rest = JSON.stringify({ ...next, capturedAt: 0, problems: 0 });
    const before = token;
    if (rest === seen) next.capturedAt = visitor.capturedAt;
    else token = found.token;
    seen = rest;
    visitor = next;
    return token !== before;
  };

  const { report, diagnose } = createChecks(() => {
    const found = Object.keys(visitor).filter((key) => !/^(capturedAt|problems)$/.test(key));
    const problems = visitor.problems.map(({ message }) => message).join(" ");
    return [
      engine.check(),
      consent.check(),
      cookie.check(),
      { name: "page", ok: !problems, message: problems || "Nothing is wrong with what was read." },
      { name: "token", ok: !!token, message: token ? `Of ${found.join(", ")}.` : "There is no platform to tell of." },
    ];
  });

  /** The site's own fault must not stop the others. */
  const run = (callback: (tag: Tag) => void) => {
    try {
      callback(tag);
    } catch (error) {
      report({ name: "callbacks", ok: false, message: `A callback of this page failed: ${textOf(error)}` });
    }
  };

  const tell = (what: string) =>
    run(() => void document.dispatchEvent(new CustomEvent(`aftercall:${what}`, { detail: tag })));

  /** A file beside the script, for what it does. */
  const beside = <Name extends keyof Beside>(name: Name, use: (part: Beside[Name]) => void) =>
    load(name)
      .then(use)
      .catch((error) => report({ name: `aftercall.${name}.js`, ok: false, message: `${error?.message}` }));

  let cut: string[] = [];
  /** The token as the cookie takes it: cut once. */
  const parts = () => {
    if (cut[0] !== token)
      cut = [token, ...(token.length > cookie.length ? core.stashParts(visitor, cookie.length) : [token])];
    return cut.slice(1);
  };

  let handsOn: boolean | undefined;
  let outlets: Outlets | undefined;

  /** What consent allows, or no longer allows. */
  const handOn = () => {
    // Nobody sees the page yet.
    if ((document as { prerendering?: boolean }).prerendering) return;
    if (consent.mayWrite()) {
      if (token) cookie.write(parts(), cookies);
      else if (visitor.problems.some(({ code }) => /^(opted-out|no-consent)$/.test(code))) cookie.remove();
      const names = settings.outlets?.split(SPACES);
      if (!handsOn && names)
        beside("outlets", ({ start }) => {
          if (handsOn) outlets ??= start(tag, names, report, cookie.name, cookie.earlier());
        });
      handsOn = true;
    } else if (consent.refused() && handsOn !== false) {
      handsOn = false;
      cookie.remove();
      const before = outlets;
      outlets = undefined;
      run(() => before?.stop());
    }
  };

  const update = () => {
    const changed = read();
    handOn();
    if (!changed) return outlets?.look();
    // What changed once may change again, and what reads it may come late, too.
    again();
    for (const watcher of [...watchers]) watcher();
    tell("change");
  };
  /** What a page may be in the way of. */
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      report({ name: "aftercall", ok: false, message: `Something in this page is in the way: ${textOf(error)}` });
    }
  };

  let cookies: string | undefined;
  /**
   * What the visitor consents to, and the page's cookies: once a look, and with little on the stack. Each time that they are
   * read, Chromium looks up where every function on the stack stands, and parses for that what is around it.
   */
  const glance = () => {
    consent.look();
    cookies = allowed();
  };

  const refresh = () => {
    begin();
    glance();
    attempt(update);
  };

  /** The first look, in the script's own task, but after the script. Who asks the tag before gets it at once. */
  let begin = () => {
    begin = () => {};
    glance();
    attempt(() => {
      read();
      handOn();
      if (Array.isArray(queue)) tag.push(...queue);
      settle(tag);
      tell("ready");
      if (/[?&]aftercall_debug=1(&|#|$)/.test(location.href)) beside("debug", ({ show }) => show(tag));
      again = watchPage(refresh);
    });
  };

  const tag: Tag = {
    ...core,
    capture,
    unstash: calm(core.unstash, (problem) => ({ capturedAt: Date.now(), problems: [problem] })),
    conversionRequests: calm(core.conversionRequests, (problem) => ({
      requests: [],
      skipped: [problem],
      warnings: [],
    })),
    checkSettings: calm(core.checkSettings, (problem) => [problem]),
    version: __VERSION__,
    get visitor() {
      begin();
      return visitor;
    },
    get token() {
      begin();
      return token;
    },
    ready: new Promise((resolve) => {
      settle = resolve;
    }),
    push(...callbacks) {
      begin();
      callbacks.forEach(run);
    },
    watch(callback) {
      begin();
      const watcher = () => run(callback);
      watchers.add(watcher);
      watcher();
      return () => {
        watchers.delete(watcher);
      };
    },
    consent: consent.tell,
    refresh,
    diagnose() {
      begin();
      return diagnose();
    },
  };

  const queue = window.aftercall;
  window.aftercall = tag;
  queueMicrotask(() => begin());
};

try {
  // Loaded twice: the first stays.
  if (!(window.aftercall as Tag | undefined)?.version) install();
} catch {
  // A window in which not even this works: the page goes on without the tag.
}
