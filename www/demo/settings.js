// The call tracker's settings window. Aftercall says what is wrong with an entry; this page says it next to the field.
import { byId } from "./dom.js";
import { accountsOf, defaults, goalsOf, isUsed } from "./settings-model.js";
import { savedSettings, saveSettings } from "./store.js";

/** @typedef {import("./settings-model.js").Settings} Settings */

const form = byId("settings", HTMLFormElement);
const status = byId("settings-status", HTMLElement);
const fields = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ ([...form.querySelectorAll("input, select")]);

fill({ ...defaults, ...savedSettings() });

window.aftercall ??= [];
window.aftercall.push((tag) => {
  /**
   * What is wrong with one field. All the others are the demo's own, which are right: so what is reported is about this one.
   * @param {Settings} settings
   * @param {HTMLInputElement | HTMLSelectElement} field
   */
  const problemOf = (settings, field) => {
    const [platform, entry] = field.name.split(".");
    if (!isUsed(settings, platform)) return "";
    const probe = { ...defaults, [field.name]: settings[field.name] };
    const found = tag.checkSettings(accountsOf(probe), goalsOf(probe)).find((problem) => problem.platform === platform); // one at a time: the second may be about what the first explains
    // Aftercall names the entry as programs know it; people know it by its label.
    return found?.message.replace(entry, `“${field.labels?.[0].textContent}”`) ?? "";
  };

  /** @returns {boolean} Whether the field is right. */
  const check = (/** @type {Settings} */ settings, /** @type {HTMLInputElement | HTMLSelectElement} */ field) => {
    const problem = problemOf(settings, field);
    byId(`${field.id}-problem`, HTMLElement).textContent = problem;
    field.setAttribute("aria-invalid", String(Boolean(problem)));
    return !problem;
  };

  // While typing, not on leaving the field: a message that came or went then would move the button under the pointer.
  // A platform that was emptied has nothing wrong any more, so its other fields are looked at again.
  form.addEventListener("input", (event) => {
    const edited = /** @type {HTMLInputElement} */ (event.target);
    const platform = edited.name.split(".")[0];
    const settings = entered();
    for (const field of fields) {
      const concerned = field.name.startsWith(`${platform}.`) && field.getAttribute("aria-invalid") === "true";
      if (field === edited || concerned) check(settings, field);
    }
    status.textContent = "";
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const settings = entered();
    const wrong = fields.filter((field) => !check(settings, field));
    if (wrong.length) {
      status.textContent =
        wrong.length === 1
          ? "Not saved: one entry needs another look."
          : `Not saved: ${wrong.length} entries need another look.`;
      wrong[0].focus();
      return;
    }
    status.textContent = saveSettings(settings)
      ? "Saved. The back office uses these from now on."
      : "This browser keeps nothing: allow storage for this page, then save again.";
  });

  byId("defaults", HTMLButtonElement).addEventListener("click", () => {
    fill(defaults);
    for (const field of fields) check(defaults, field);
    status.textContent = "These are the demo’s own. Save to use them.";
  });
});

/** @param {Settings} settings */
function fill(settings) {
  for (const field of fields) field.value = settings[field.name] ?? "";
}

/** @returns {Settings} */
function entered() {
  return Object.fromEntries(fields.map((field) => [field.name, field.value]));
}
