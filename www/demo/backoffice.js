// The back office: from what was kept with a call to the requests that tell every platform. It reads the token, no cookies.
import { contextView, platformNames } from "./context-view.js";
import { offer } from "./delivery.js";
import { byId, download, element } from "./dom.js";
import { callsCsv, settingsToml } from "./export.js";
import { interfacesOf } from "./interfaces.js";
import { platformView } from "./request-view.js";
import { accountsOf, conversionOf, defaults, goalsOf } from "./settings-model.js";
import { simulatorUrl } from "./simulator.js";
import { contacts, keepOutcome, savedSettings } from "./store.js";

/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("../types/index.js").ConversionRequest} ConversionRequest */
/** @typedef {import("../types/index.js").Problem} Problem */
/** @typedef {import("./interfaces.js").Interface} Interface */
/** @typedef {import("./settings-model.js").Settings} Settings */

const settings = { ...defaults, ...savedSettings() };
const inbox = byId("contacts", HTMLFieldSetElement);
const outcome = byId("outcome", HTMLFormElement);
const paste = byId("paste", HTMLFormElement);
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

byId("user", HTMLElement).hidden = settings["vwo.api"] !== "track-goal";

window.aftercall ??= [];
window.aftercall.push((tag) => {
  /** @type {Contact | undefined} */
  let open;

  /** Read everything again from the token, and say how many requests there are. */
  const update = () => {
    if (!open) return;
    const contact = { ...open, ...entered() };
    const planFor = (/** @type {Settings} */ chosen) =>
      tag.conversionRequests(contact.token, conversionOf(chosen, contact), accountsOf(chosen));
    const { requests, skipped, warnings } = planFor(settings);

    /** What the platform's other interface would get, or why nothing. */
    const beside = (
      /** @type {ConversionRequest} */ { platform },
      /** @type {Interface} */ { setting, value, name },
    ) => {
      const plan = planFor({ ...settings, [setting]: value });
      const request = plan.requests.find((other) => other.platform === platform);
      const why = plan.skipped.find((other) => other.platform === platform)?.message ?? "";
      return request ? { name, request } : { name, why };
    };

    byId("summary", HTMLElement).textContent = summary(requests.length, skipped.length, warnings.length);
    byId("notes", HTMLElement).replaceChildren(
      ...alike(skipped).map((problems) => note("Skipped", problems)),
      ...alike(warnings).map((problems) => note("Please note", problems)),
    );
    byId("requests", HTMLElement).replaceChildren(
      ...requests.map((request) => {
        const { own, other } = interfacesOf(request);
        return platformView({ name: own.name, request }, beside(request, other), byId("copied", HTMLElement));
      }),
    );
    offer(requests);
  };

  const show = (/** @type {Contact} */ contact) => {
    open = contact;
    const visitor = tag.unstash(contact.token);
    byId("empty", HTMLElement).hidden = true;
    byId("contact", HTMLElement).hidden = false;
    byId("contact-title", HTMLElement).textContent = title(contact);
    byId("contact-about", HTMLElement).textContent = `${contact.id}, ${time.format(new Date(contact.at))}`;
    byId("contact-message", HTMLElement).textContent = contact.message ?? "";
    byId("context", HTMLElement).replaceChildren(
      contextView(visitor),
      ...visitor.problems.map(({ message }) => element("p", { className: "problem" }, message)),
    );
    byId("token", HTMLOutputElement).textContent = contact.token;
    byId("token-length", HTMLElement).textContent = `${contact.token.length} characters`;
    byId("copied", HTMLElement).textContent = "";
    for (const field of outcome.querySelectorAll("input"))
      field.value = contact[/** @type {keyof import("./store.js").Outcome} */ (field.name)] ?? "";
    update();
  };

  const choose = (/** @type {Contact} */ contact) => {
    const radio = element("input", {
      type: "radio",
      name: "contact",
      value: contact.id,
      onchange: () => show(contact),
    });
    const label = element(
      "label",
      { className: "contact" },
      radio,
      element("span", { className: "who" }, title(contact)),
      element("span", { className: "when" }, time.format(new Date(contact.at))),
    );
    return { radio, label };
  };

  const kept = contacts();
  const choices = kept.map(choose);
  inbox.append(...choices.map(({ label }) => label));
  byId("export", HTMLElement).hidden = !kept.length;
  if (kept.length) {
    choices[0].radio.checked = true;
    show(kept[0]);
  } else {
    inbox.append(element("p", { className: "hint" }, "None yet."));
  }

  outcome.addEventListener("input", () => {
    if (open) {
      Object.assign(open, entered());
      keepOutcome(open.id, entered());
    }
    update();
  });
  outcome.addEventListener("submit", (event) => event.preventDefault()); // Enter in a field: everything is up to date already

  paste.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = String(new FormData(paste).get("token")).trim();
    const chosen = inbox.querySelector("input:checked");
    if (chosen instanceof HTMLInputElement) chosen.checked = false;
    show({ kind: "call", id: "pasted", at: new Date().toISOString(), token });
  });
});

byId("export-calls", HTMLButtonElement).addEventListener("click", () => download("calls.csv", callsCsv(contacts())));
byId("export-settings", HTMLButtonElement).addEventListener("click", async () =>
  download("aftercall.toml", settingsToml(accountsOf(settings), goalsOf(settings), await simulatorUrl())),
);

/**
 * What the form says became of the call.
 * @returns {import("./store.js").Outcome}
 */
function entered() {
  const data = new FormData(outcome);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim() || undefined;
  return { revenue: text("revenue"), quantity: text("quantity"), userId: text("userId") };
}

/** @param {Contact} contact */
function title({ kind, number, name }) {
  if (number) return `Call from ${number}`;
  return name ? `${kind === "form" ? "Form" : "Call"} from ${name}` : "A token from elsewhere";
}

/**
 * @param {number} requests
 * @param {number} skipped
 * @param {number} warnings
 */
function summary(requests, skipped, warnings) {
  const counted = (/** @type {number} */ count, /** @type {string} */ one, /** @type {string} */ many) =>
    count ? [`${count} ${count === 1 ? one : many}`] : [];
  const parts = [
    ...counted(requests, "request", "requests"),
    ...counted(skipped, "skipped", "skipped"),
    ...counted(warnings, "thing to note", "things to note"),
  ];
  return parts.length ? `${parts.join(", ")}.` : "This visitor is in no test that the settings name.";
}

/**
 * Problems that say the same, together.
 * @param {Problem[]} problems
 */
function alike(problems) {
  return [...new Set(problems.map(({ message }) => message))].map((message) =>
    problems.filter((problem) => problem.message === message),
  );
}

/**
 * @param {string} kind Said in words: colour alone does not tell a skipped platform from a remark.
 * @param {Problem[]} problems They say the same.
 */
function note(kind, problems) {
  const names = problems.map(({ platform }) => (platform === "page" ? "Token" : platformNames[platform]));
  // Aftercall names an entry as programs know it; people know it by its label.
  const said = [...outcome.querySelectorAll("input")].reduce(
    (words, { name, labels }) => words.replace(name, `“${labels?.[0].textContent}”`),
    problems[0].message,
  );
  return element(
    "li",
    { className: kind === "Skipped" ? "skipped" : "" },
    element("strong", {}, `${kind}: ${names.join(", ")}.`),
    ` ${said}`,
  );
}
