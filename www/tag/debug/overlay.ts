/**
 * What works on this page, and what to do where it does not: `diagnose()` for people. It lives in a closed shadow tree,
 * reads the tag and nothing else, and is gone without a trace when it is closed.
 */
import type { Check, Tag } from "../seams.js";
import { element } from "./dom.js";
import { style } from "./style.js";

const PLATFORMS = { optimizely: "Optimizely", vwo: "VWO", kameleoon: "Kameleoon", convert: "Convert" } as const;

/** What a platform's part of the context holds, in three words. */
const found = (part: object | undefined) => {
  if (!part) return "Not on this page";
  const { experiments, experiences, campaigns, decisions } = part as Record<string, object | undefined>;
  const count =
    Object.keys(experiments ?? experiences ?? campaigns ?? {}).length || Object.keys(decisions ?? {}).length;
  return count === 0 ? "Visitor, no experiment" : `${count} experiment${count === 1 ? "" : "s"}`;
};

const platforms = (tag: Tag) =>
  element(
    "ul",
    { class: "platforms" },
    ...Object.entries(PLATFORMS).map(([key, name]) => {
      const part = tag.visitor[key as keyof typeof PLATFORMS];
      return element("li", part ? {} : { class: "none" }, name, element("span", {}, found(part)));
    }),
  );

const line = ({ name, ok, message }: Check) =>
  element(
    "li",
    ok ? {} : { class: "failed" },
    // Not by colour alone, and not by a sign alone.
    element("span", { class: "mark", role: "img", "aria-label": ok ? "works" : "look at this" }, ok ? "✓" : "✗"),
    element("b", {}, name.charAt(0).toUpperCase() + name.slice(1)),
    element("p", {}, message),
  );

const token = ({ token }: Tag) =>
  token
    ? [
        element("code", { tabindex: "0", "aria-label": "Token" }, token),
        element("p", { class: "note" }, `${token.length} characters`),
      ]
    : [element("p", { class: "note" }, "None yet.")];

/** Puts the overlay into the page. It follows what the tag says until it is closed. */
export const show = (tag: Tag) => {
  const host = element("aftercall-debug");
  const tree = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  tree.adoptedStyleSheets = [sheet];

  // Said aloud when it changes, without taking the focus.
  const verdict = element("span", { role: "status" });
  const close = element("button", { type: "button", "aria-label": "Close" }, "×");
  const title = element("h2", { id: "title" }, "Aftercall", element("small", {}, tag.version));
  const body = element("div", { class: "body" });
  const header = element("header", {}, title, verdict, close);
  tree.append(element("section", { "aria-labelledby": "title" }, header, body));

  let shown = "";
  const draw = () => {
    const { checks } = tag.diagnose();
    const state = JSON.stringify([checks, tag.token]);
    // What did not change keeps its scroll position, and what somebody marked to copy.
    if (state === shown) return;
    shown = state;
    const wrong = checks.filter(({ ok }) => !ok);
    verdict.className = `verdict ${wrong.length ? "bad" : "good"}`;
    verdict.textContent = wrong.length ? `${wrong.length} to look at` : "All is well";
    const right = checks.filter(({ ok }) => ok);
    body.replaceChildren(
      element("h3", {}, "Platforms"),
      platforms(tag),
      element("h3", {}, "Checks"),
      element("ul", { class: "checks" }, ...[...wrong, ...right].map(line)),
      element("h3", {}, "Token"),
      ...token(tag),
    );
  };

  // Outlets and consent tools come when they come, and tell nobody.
  const timer = setInterval(draw, 1000);
  const stop = tag.watch(draw);
  const end = () => {
    clearInterval(timer);
    stop();
    host.remove();
  };
  close.addEventListener("click", end);
  tree.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key === "Escape") end();
  });
  document.documentElement.append(host);
};
