/**
 * The course of it: each outlet gets a value once, again when the token changes, and is asked again while it waits for its
 * tracker. What one of them throws is a line of `diagnose()` and costs the others nothing.
 */
import type { Report, Tag } from "../seams.js";
import { calmly, type Outlet, OutletError, type Value } from "./outlet.js";
import { outlets as table } from "./table.js";

/** The shortest field that any tracker documents (Invoca's). */
const FIELD = 255;

/** The token in fields of 255 characters: our name, then the same with 2, 3 … behind it. Parts of before are emptied. */
const fieldsOf = (tag: Tag, field: string, before: Record<string, string> = {}) => {
  const parts = tag.token.length > FIELD ? tag.stashParts(tag.visitor, FIELD) : [tag.token];
  const fields: Record<string, string> = {};
  for (const name of Object.keys(before)) fields[name] = "";
  parts.forEach((part, index) => {
    fields[index ? `${field}${index + 1}` : field] = part;
  });
  return fields;
};

/** Of the page's scripts. */
const addresses = () => {
  try {
    return [...document.scripts].map(({ src }) => src).join("\n");
  } catch {
    // An element of that name stands in its place.
    return "";
  }
};

interface Running {
  name: string;
  outlet: Outlet;
  /** The token that it has done with. */
  done?: string;
  before?: Record<string, string>;
}

/** @param earlier What our cookie said when the page came: of a token in parts the first. */
export const start = (tag: Tag, names: string[], report: Report, field = "aftercall_ctx", earlier = "") => {
  const running: Running[] = [];
  const waiting = new Set(names.includes("auto") ? Object.keys(table) : []);
  let fields: Record<string, string> | undefined;
  let token = "";
  let scripts: string | undefined;
  let stopped = false;

  const tell = (name: string, ok: boolean, message: string) => report({ name: `outlet ${name}`, ok, message });

  const add = (name: string) => {
    waiting.delete(name);
    if (running.some((other) => other.name === name) || !Object.hasOwn(table, name)) return;
    const { needs, create } = table[name];
    if (needs) add(needs);
    try {
      running.push({ name, outlet: create(field) });
    } catch (error) {
      tell(name, false, `${error}`);
    }
  };

  const detect = () => {
    const now = addresses();
    const fresh = now === scripts ? "" : now;
    scripts = now;
    for (const name of waiting) {
      try {
        if (table[name].detect?.(field, fresh)) add(name);
      } catch {
        // What throws when it is looked at is none of the trackers.
      }
    }
  };

  const hand = (one: Running) => {
    if (!token || one.done === token || !fields) return;
    // What goes wrong now goes wrong again: one attempt a value.
    const value: Value = {
      token,
      fields,
      known: !!earlier && !one.before && fields[field] === earlier,
      ...(one.before && { before: one.before }),
    };
    one.done = token;
    one.before = fields;
    try {
      const outcome = one.outlet.hand(value);
      if ("wait" in outcome) {
        one.done = undefined;
        one.before = value.before;
        tell(one.name, false, outcome.wait);
      } else {
        tell(one.name, true, outcome.done);
      }
    } catch (error) {
      const message = `${(error as Error)?.message ?? error}`;
      const hint = "look for a script that froze or replaced what this outlet uses.";
      tell(one.name, false, error instanceof OutletError ? message : `It was stopped (${message}): ${hint}`);
    }
  };

  const look = calmly(() => {
    if (stopped) return;
    detect();
    for (const one of running) hand(one);
    if (!token) report({ name: "outlets", ok: true, message: "There is no token yet: nothing to hand on." });
  });

  for (const name of names) if (name !== "auto") add(name);
  const unwatch = tag.watch(() => {
    if (stopped) return;
    token = tag.token;
    if (token) {
      fields = fieldsOf(tag, field, fields);
      report({
        name: "outlets",
        ok: true,
        message: `The token takes ${Object.values(fields).filter(Boolean).length} field(s).`,
      });
    }
    look();
  });
  document.addEventListener("DOMContentLoaded", look);
  addEventListener("load", look);

  return {
    look,
    stop() {
      stopped = true;
      unwatch();
      document.removeEventListener("DOMContentLoaded", look);
      removeEventListener("load", look);
      for (const { name, outlet } of running) {
        try {
          outlet.stop?.();
          tell(name, true, "Stopped.");
        } catch (error) {
          tell(name, false, `${error}`);
        }
      }
    },
  };
};
