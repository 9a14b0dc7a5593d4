// A few lines between the data and the document. Data goes in as text, never as markup.

/**
 * An element with properties and children. Properties that the element does not have become attributes.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | undefined)} children Nothing is left out.
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) Object.assign(made, { [key]: value });
    else made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * The element with this id, of the kind that the page's author knows it to be.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}.`);
  return found;
}

/**
 * Copy a text and say so.
 * @param {string} text
 * @param {string} what "Token", say.
 * @param {HTMLElement} status Where to say it: a live region.
 */
export async function copy(text, what, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = `${what} copied.`;
  } catch {
    status.textContent = "The browser did not let this page copy. Select the text instead.";
  }
}

/**
 * Let the browser save a text as a file.
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  element("a", { href, download: name }).click();
  URL.revokeObjectURL(href);
}
