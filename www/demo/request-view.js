// Conversion requests as people read them: where each goes, what each parameter says, and ways to take it along.
import { platformNames } from "./context-view.js";
import { copy, element } from "./dom.js";
import { meaning, repeatInWords } from "./glossary.js";

/** @typedef {import("../types/index.js").ConversionRequest} ConversionRequest */

/**
 * A platform: the request that the settings ask for, and beside it what its other interface would get.
 * @param {{ name: string, request: ConversionRequest }} chosen
 * @param {{ name: string, request: ConversionRequest } | { name: string, why: string }} other
 * @param {HTMLElement} status Where "copied" is said.
 */
export function platformView(chosen, other, status) {
  return element(
    "section",
    { className: "told", "data-platform": chosen.request.platform },
    element("h3", {}, platformNames[chosen.request.platform]),
    element(
      "div",
      { className: "generations" },
      requestView(chosen.name, chosen.request, status),
      "request" in other
        ? requestView(other.name, other.request, status, "for comparison")
        : element("p", { className: "hint" }, `${other.name}: ${other.why}`),
    ),
  );
}

/**
 * @param {string} title
 * @param {ConversionRequest} request
 * @param {HTMLElement} status
 * @param {string} [remark]
 */
function requestView(title, request, status, remark) {
  const { platform, method, url, headers, body } = request;
  const name = `${platformNames[platform]}, ${title}`;
  const address = new URL(url);
  const copies = (/** @type {string} */ what, /** @type {string} */ text) =>
    element(
      "button",
      {
        type: "button",
        onclick: () => copy(text, `${name}: ${what}`, status),
        "aria-label": `Copy ${what} for ${name}`,
      },
      `Copy ${what}`,
    );
  const content = [
    element(
      "p",
      { className: "target" },
      element("span", { className: "method" }, method),
      " ",
      element("code", {}, address.origin + address.pathname),
    ),
    address.search
      ? table(`Parameters for ${name}`, "Parameter", [...address.searchParams], (parameter) =>
          meaning(platform, parameter),
        )
      : undefined,
    Object.keys(headers).length ? table(`Headers for ${name}`, "Header", Object.entries(headers), () => "") : undefined,
    body === undefined
      ? undefined
      : element(
          "div",
          { className: "body" },
          element("h5", {}, "Body"),
          element("pre", { tabIndex: 0, "aria-label": `Body for ${name}`, role: "region" }, readable(body)),
        ),
    element(
      "div",
      { className: "actions" },
      copies("URL", url),
      copies("as curl", curl(request)),
      body === undefined ? undefined : copies("body", body),
    ),
    element(
      "p",
      { className: "hint" },
      repeatInWords[request.repeat],
      " Key ",
      element("code", {}, request.idempotencyKey),
    ),
  ];
  const heading = element("h4", {}, title, remark ? element("span", { className: "count" }, ` ${remark}`) : undefined);
  if (!remark) return element("article", { className: "request", "data-platform": platform }, heading, ...content);
  // Beside the other there is room for it; below, only whoever asks shall scroll past it.
  return element(
    "details",
    { className: "request other", "data-platform": platform, open: matchMedia("(min-width: 56rem)").matches },
    element("summary", {}, heading),
    ...content,
  );
}

/**
 * @param {string} caption
 * @param {string} heading
 * @param {[string, string][]} rows
 * @param {(name: string) => string} explain
 */
function table(caption, heading, rows, explain) {
  return element(
    "table",
    {},
    element("caption", { className: "unseen" }, caption),
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, heading), element("th", { scope: "col" }, "Value")),
    ),
    element(
      "tbody",
      {},
      ...rows.map(([name, value]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, element("code", {}, name), " ", element("span", {}, explain(name))),
          element("td", {}, element("code", {}, value)),
        ),
      ),
    ),
  );
}

/** Spread over lines. The copy button gives the text as it is sent. */
function readable(/** @type {string} */ body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/**
 * The request as a command for a shell.
 * @param {ConversionRequest} request
 */
function curl({ method, url, headers, body }) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) options.push(`--data-raw ${quoted(body)}`);
  return ["curl", "-X", method, ...options, quoted(url)].join(" ");
}
