// The shop: hands the token to the call tracker and to the contact form, and shows what is in it.
import { contextView } from "./context-view.js";
import { byId, copy, element } from "./dom.js";
import { keepContact } from "./store.js";

const field = /** @type {HTMLInputElement} */ (byId("contact", HTMLFormElement).elements.namedItem("aftercall_ctx"));
const token = byId("token", HTMLOutputElement);

// The queue: a plain array until the script tag has run, whichever of the two comes first.
window.aftercall ??= [];
window.aftercall.push((tag) => tag.watch(show));
window.addEventListener("load", () => {
  if (Array.isArray(window.aftercall))
    byId("context-wait", HTMLElement).textContent = "The script /dist/aftercall.js did not load. Has it been built?";
});

/**
 * Called at once, then whenever the token changes.
 * @param {AftercallTag.Tag} tag
 */
function show(tag) {
  field.value = tag.token;
  token.textContent = tag.token || "Nothing to hand on: no platform was found.";
  byId("token-length", HTMLElement).textContent = tag.token && lengthInWords(tag);
  byId("context", HTMLElement).replaceChildren(
    contextView(tag.visitor, /** @type {any} */ (window).shopExperiments),
    ...tag.visitor.problems.map(({ message }) => element("p", { className: "problem" }, message)),
  );
}

/**
 * The narrowest field that a call tracker is known for holds 255 characters.
 * @param {AftercallTag.Tag} tag
 */
function lengthInWords(tag) {
  const parts = tag.stashParts(tag.visitor, 255).length;
  return `${tag.token.length} characters${parts > 1 ? `; for fields of 255, ${parts} parts` : ""}`;
}

// ── the call tracker: keeps the call, with the token in a custom variable ──

const callButton = byId("call", HTMLButtonElement);
const callStatus = byId("call-status", HTMLElement);

callButton.addEventListener("click", () => {
  // Numbers of this range are reserved for fiction.
  const number = `+44 7700 900${String(Math.floor(Math.random() * 1000)).padStart(3, "0")}`;
  const kept = keepContact({ kind: "call", number, token: field.value });
  callButton.classList.add("ringing");
  setTimeout(() => callButton.classList.remove("ringing"), 2400);
  report(callStatus, kept && `Ringing. The call tracker keeps ${kept.id}, from ${number}.`);
});

// ── the form: its hidden field carries the token into the CRM ──

byId("contact", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault(); // the CRM is this browser's storage
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "");
  const name = text("name");
  const kept = keepContact({
    kind: "form",
    name,
    email: text("email"),
    message: text("message"),
    token: text("aftercall_ctx"),
  });
  report(byId("contact-status", HTMLElement), kept && `Thank you, ${name}. The CRM keeps ${kept.id}.`);
  if (kept) form.reset(); // a hidden field keeps its value
});

/**
 * @param {HTMLElement} status
 * @param {string | undefined} success
 */
function report(status, success) {
  if (success)
    status.replaceChildren(success, " ", element("a", { href: "backoffice.html" }, "See it in the back office"));
  else status.replaceChildren("This browser keeps nothing: allow storage for this page, then try again.");
}

// ── behind the scenes ──

byId("copy-token", HTMLButtonElement).addEventListener("click", () =>
  copy(field.value, "Token", byId("backstage-status", HTMLElement)),
);

byId("new-visitor", HTMLButtonElement).addEventListener("click", () => {
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: forgets what platforms.js wrote, the way it was written
    for (const cookie of document.cookie.split("; ")) document.cookie = `${cookie.split("=")[0]}=; path=/; max-age=0`;
    for (const key of Object.keys(localStorage)) if (key.startsWith("kameleoon")) localStorage.removeItem(key);
  } catch {
    // Nothing was kept, so every page view is a new visitor.
  }
  location.reload();
});
