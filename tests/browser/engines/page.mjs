// A page to tests, over whatever drives the browser: those parts of Playwright's page that the tests of all engines use,
// by the same names. In Chromium it is Playwright's own.
import { setTimeout as sleep } from "node:timers/promises";

const patience = 10_000;

/**
 * What drivers run in the page: the value of an expression, or its promise's, as text. What JSON leaves out is kept.
 * @param {string} source
 */
export const asText = (source) =>
  `JSON.stringify(await (${source}), (_, value) => (value === undefined ? { "(undefined)": 1 } : value))`;

/** The value of such a text. */
export const fromText = (text) => {
  const restore = (value) => {
    if (!value || typeof value !== "object") return value;
    if ("(undefined)" in value) return undefined;
    for (const [key, member] of Object.entries(value)) value[key] = restore(member);
    return value;
  };
  return restore(JSON.parse(text));
};

/**
 * What a driver can do.
 * @typedef {object} Driver
 * @property {(url: string) => Promise<void>} goto Until it has loaded.
 * @property {() => Promise<void>} reload
 * @property {(source: string) => Promise<unknown>} run See `asText`.
 * @property {(key: string) => Promise<void>} press As the protocols name it: a character.
 * @property {(cookies: { name: string, value: string, url: string }[]) => Promise<void>} addCookies
 * @property {() => Promise<void>} clearCookies
 * @property {() => Promise<Buffer>} screenshot PNG.
 */

/** Keys without a character of their own: https://www.w3.org/TR/webdriver2/#keyboard-actions. */
const keys = { Enter: "\uE007", Tab: "\uE004", Escape: "\uE00C", ArrowUp: "\uE013", ArrowDown: "\uE015", " ": " " };

/** @typedef {{ source: string, flags: string } | { text: string, exact: boolean }} Pattern */

/** A text or a pattern, as it travels to the page. */
const pattern = (wanted, exact = false) =>
  wanted instanceof RegExp ? { source: wanted.source, flags: wanted.flags } : { text: wanted, exact };

/** Runs in the page: the elements that the steps lead to. */
function find(steps) {
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const matches = (text, pattern) => {
    if (pattern.source !== undefined) return new RegExp(pattern.source, pattern.flags).test(tidy(text));
    const [have, want] = [tidy(text), tidy(pattern.text)];
    return pattern.exact ? have === want : have.toLowerCase().includes(want.toLowerCase());
  };
  const label = (one) =>
    one.getAttribute("aria-label") ??
    one
      .getAttribute("aria-labelledby")
      ?.split(" ")
      .map((id) => document.getElementById(id)?.textContent)
      .join(" ") ??
    (one.labels?.length ? [...one.labels].map((label) => label.textContent).join(" ") : undefined);
  const roles = {
    button: "button, [role=button], input[type=submit]",
    checkbox: "input[type=checkbox]",
    heading: "h1, h2, h3, h4, h5, h6",
    link: "a[href]",
    radio: "input[type=radio]",
    status: "output, [role=status]",
  };
  const within = (scopes, selector) => [...new Set(scopes.flatMap((scope) => [...scope.querySelectorAll(selector)]))];
  const fields = "input, select, textarea, button, [aria-label], [aria-labelledby]";
  return steps.reduce(
    (found, step) => {
      if (step.css) return within(found, step.css);
      if (step.role) {
        const all = within(found, roles[step.role] ?? `[role=${step.role}]`);
        return step.name ? all.filter((one) => matches(label(one) ?? one.textContent, step.name)) : all;
      }
      if (step.label) return within(found, fields).filter((one) => matches(label(one), step.label));
      if (step.text) {
        const all = within(found, "body *").filter((one) => matches(one.textContent, step.text));
        return all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
      }
      if (step.hasText) return found.filter((one) => matches(one.textContent, step.hasText));
      return found.slice(step.nth, step.nth + 1);
    },
    [document],
  );
}

/** What is done to the one element found, in the page. */
const deeds = {
  click: (one) => {
    one.scrollIntoView({ block: "center" });
    one.click();
  },
  check: (one) => one.checked || one.click(),
  focus: (one) => one.focus(),
  fill: (one, value) => {
    one.focus();
    // As a person's typing, which a framework's own setter does not see.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(one), "value")?.set?.call(one, value);
    for (const name of ["input", "change"]) one.dispatchEvent(new Event(name, { bubbles: true }));
  },
  selectOption: (one, value) => {
    one.value = value;
    for (const name of ["input", "change"]) one.dispatchEvent(new Event(name, { bubbles: true }));
  },
  textContent: (one) => one.textContent,
  inputValue: (one) => one.value,
  getAttribute: (one, name) => one.getAttribute(name),
};

class Locator {
  /** @param {Driver} driver */
  constructor(driver, steps) {
    this.driver = driver;
    this.steps = steps;
  }

  #also(...steps) {
    return new Locator(this.driver, [...this.steps, ...steps]);
  }

  /** `deed` with all that is found, in the page. */
  #all(deed, ...values) {
    const [steps, rest] = [JSON.stringify(this.steps), JSON.stringify(values)];
    return this.driver.run(`(${deed})((${find})(${steps}), ...${rest})`);
  }

  /** `deed` with the one that is found and seen, as soon as there is one. */
  #one(deed, ...values) {
    return this.#patiently("(one) => one.checkVisibility()", deed, ...values);
  }

  /** The same with one that need not be seen. */
  #hidden(deed, ...values) {
    return this.#patiently("() => true", deed, ...values);
  }

  async #patiently(fits, deed, ...values) {
    const attempt = `(found, ...values) => {
      const seen = found.filter(${fits});
      if (seen.length > 1) throw new Error("More than one: " + seen.map((one) => one.outerHTML.slice(0, 80)).join());
      return seen.length === 1 ? { done: (${deed})(seen[0], ...values) ?? null } : null;
    }`;
    for (const until = Date.now() + patience; Date.now() < until; await sleep(50)) {
      const result = /** @type {{ done: unknown } | null} */ (await this.#all(attempt, ...values));
      if (result) return result.done;
    }
    throw new Error(`Nothing came that fits ${JSON.stringify(this.steps)}.`);
  }

  locator(css, options) {
    return this.#also({ css }, ...(options ? [{ hasText: pattern(options.hasText) }] : []));
  }
  getByRole(role, options) {
    return this.#also({ role, name: options?.name && pattern(options.name, options.exact) });
  }
  getByLabel(label, options) {
    return this.#also({ label: pattern(label, options?.exact) });
  }
  getByText(text, options) {
    return this.#also({ text: pattern(text, options?.exact) });
  }
  filter({ hasText }) {
    return this.#also({ hasText: pattern(hasText) });
  }
  nth(nth) {
    return this.#also({ nth });
  }
  first() {
    return this.nth(0);
  }
  async all() {
    return Array.from({ length: await this.count() }, (_, index) => this.nth(index));
  }

  count() {
    return /** @type {Promise<number>} */ (this.#all("(found) => found.length"));
  }
  allTextContents() {
    return this.#all("(found) => found.map((one) => one.textContent)");
  }
  waitFor() {
    return this.#one("() => {}");
  }
  click() {
    return this.#one(deeds.click);
  }
  check() {
    return this.#one(deeds.check);
  }
  focus() {
    return this.#one(deeds.focus);
  }
  fill(value) {
    return this.#one(deeds.fill, value);
  }
  selectOption(value) {
    return this.#one(deeds.selectOption, value);
  }
  textContent() {
    return this.#hidden(deeds.textContent);
  }
  inputValue() {
    return this.#hidden(deeds.inputValue);
  }
  getAttribute(name) {
    return this.#hidden(deeds.getAttribute, name);
  }
}

export class Page {
  /** @param {Driver} driver */
  constructor(driver) {
    this.driver = driver;
    this.keyboard = { press: (key) => driver.press(keys[key] ?? key) };
  }

  goto(url) {
    return this.driver.goto(url);
  }
  reload() {
    return this.driver.reload();
  }
  /** The function runs in the page: it sees its argument and the page's globals, nothing of the test. */
  evaluate(what, argument) {
    return this.driver.run(typeof what === "string" ? what : `(${what})(${JSON.stringify(argument)})`);
  }
  async waitForFunction(what, argument) {
    for (const until = Date.now() + patience; Date.now() < until; await sleep(50))
      if (await this.evaluate(`(async () => Boolean(await (${what})(${JSON.stringify(argument)})))()`)) return;
    throw new Error(`It never came true: ${what}`);
  }
  addScriptTag({ content }) {
    return this.evaluate((textContent) => {
      document.head.append(Object.assign(document.createElement("script"), { textContent }));
    }, content);
  }
  waitForTimeout(ms) {
    return sleep(ms);
  }
  async screenshot() {
    return this.driver.screenshot();
  }
  context() {
    return this.driver;
  }

  #root() {
    return new Locator(this.driver, []);
  }
  locator(css, options) {
    return this.#root().locator(css, options);
  }
  getByRole(role, options) {
    return this.#root().getByRole(role, options);
  }
  getByLabel(label, options) {
    return this.#root().getByLabel(label, options);
  }
  getByText(text, options) {
    return this.#root().getByText(text, options);
  }
}
