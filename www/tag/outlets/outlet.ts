/** What every outlet is: a small adapter between the token and one tool's own way of taking a value. */

/** What is handed on: names and texts of at most 255 characters. */
export interface Value {
  token: string;
  /** Our field, and with the numbers 2, 3, … behind its name the further parts of a long token. */
  fields: Record<string, string>;
  /** What was handed on before this, on this page. */
  before?: Record<string, string>;
  /** Did our cookie say so already when the page came? Then a tracker that reads it by itself has the value. */
  known: boolean;
}

/** What went wrong, in a sentence that says what to do. */
export class OutletError extends Error {}

/** Done: what happened. Not yet: what is waited for. What went wrong is thrown. */
export type Outcome = { done: string } | { wait: string };

export interface Outlet {
  /** Called for every new value, and again while it answers `wait`. */
  hand(value: Value): Outcome;
  /** Takes back what can be taken back. */
  stop?(): void;
}

export interface Adapter {
  /**
   * Is it there? What `auto` asks, often. `scripts` are the addresses of the page's scripts, a line each; nothing where they are
   * those that it was asked about before. Without this, `auto` never switches it on.
   */
  detect?(field: string, scripts: string): boolean;
  /** The outlet that does the work. */
  needs?: string;
  /** A new outlet for the field of that name. */
  create(field: string): Outlet;
}

type Anything = Record<string, unknown>;

/** What is on `window`, under names that nobody declared. */
export const page = window as unknown as Anything;

/** A member of what may be anything. */
export const member = (object: unknown, name: string): unknown => (object as Anything | null | undefined)?.[name];

/** Calls a method, where there is one. Was there? */
export const call = (object: unknown, method: string, ...values: unknown[]) => {
  const own = member(object, method);
  if (typeof own !== "function") return false;
  own.apply(object, values);
  return true;
};

/** For whatever the browser calls: a page that broke what we use hears nothing of it. */
export const calmly = (work: () => void) => () => {
  try {
    work();
  } catch {
    // What could be said about it was said where it happened.
  }
};

/** Is one of these on `window`, or a script of such an address in the page? `script` matches lines. */
export const present =
  (globals: string[], script: RegExp): Adapter["detect"] =>
  (_field, scripts) =>
    globals.some((name) => page[name] !== undefined && page[name] !== null) || script.test(scripts);
