/**
 * Form fields: whatever has our field's name, its id, or lies inside something of that class (form builders that give
 * fields names of their own let you set a class). Fields that come later are filled too.
 */
import { type Adapter, calmly, type Outlet } from "./outlet.js";

type Input = HTMLInputElement | HTMLTextAreaElement;

/** Often enough for who fills in a form, and next to nothing where a page changes all the time. */
const PAUSE = 250;

const inputs = (name: string) => {
  const within = `[class~="${name}"]`;
  const selector = `[name="${name}"],[id="${name}"],${within} input,${within} textarea`;
  return [...document.querySelectorAll<Input>(selector)].filter((input) => /^(INPUT|TEXTAREA)$/.test(input.tagName));
};

/** What frameworks put in the way of `value` would keep them from hearing of it. */
const write = (input: Input, text: string) => {
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value")?.set;
  if (setter) setter.call(input, text);
  else input.value = text;
  for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
};

/** A token, or a part of one, of an earlier page that the browser filled in again. */
const isToken = (text: string) => /^A[\w-]{20,254}$/.test(text);

/** A page that takes the value away each time is not argued with for ever. */
const ATTEMPTS = 5;

const createForms = (field: string): Outlet => {
  let fields: Record<string, string> = {};
  let filled = new Map<Input, string>();
  let attempts = new WeakMap<Input, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const fill = () => {
    const now = new Map<Input, string>();
    for (const [name, text] of Object.entries(fields))
      for (const input of inputs(name)) {
        const { value } = input;
        // What somebody typed stays.
        if (value && value !== filled.get(input) && !isToken(value)) continue;
        const attempt = (attempts.get(input) ?? 0) + 1;
        if (value !== text && attempt <= ATTEMPTS) {
          attempts.set(input, attempt);
          write(input, text);
        }
        now.set(input, text);
      }
    filled = now;
  };

  // Between two looks nobody observes: a page that changes five thousand times a second pays for four of them.
  const observer = new MutationObserver(
    calmly(() => {
      observer.disconnect();
      timer = setTimeout(
        calmly(() => {
          observe();
          fill();
        }),
        PAUSE,
      );
    }),
  );
  const observe = () => observer.observe(document, { childList: true, subtree: true });

  return {
    hand(value) {
      fields = value.fields;
      attempts = new WeakMap();
      clearTimeout(timer);
      observe();
      fill();
      return { done: `${filled.size || "No"} form field${filled.size === 1 ? "" : "s"} called ${field} so far.` };
    },
    stop() {
      clearTimeout(timer);
      observer.disconnect();
      for (const [input, text] of filled) if (text && input.value === text) write(input, "");
    },
  };
};

export const forms: Adapter = { detect: (field) => inputs(field).length > 0, create: createForms };
