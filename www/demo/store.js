// What the demo keeps: the call tracker's and the CRM's records, and the settings. localStorage plays the vendors' databases.

/**
 * A call as a call tracker keeps it, or a form as a CRM does. The token is all that they know of the visitor's tests.
 * @typedef {{ kind: "call" | "form", id: string, at: string, token: string, number?: string, name?: string, email?: string, message?: string } & Outcome} Contact
 *
 * What became of it, as entered in the back office.
 * @typedef {{ revenue?: string, quantity?: string, userId?: string }} Outcome
 */

const CONTACTS = "pine-ember.contacts";
const SETTINGS = "pine-ember.settings";

/**
 * Newest first.
 * @returns {Contact[]}
 */
export function contacts() {
  const kept = read(CONTACTS);
  return Array.isArray(kept) ? kept : [];
}

/**
 * Give the contact an id and a time, and keep it.
 * @param {Omit<Contact, "id" | "at">} contact
 * @returns {Contact | undefined} Nothing where the browser keeps nothing.
 */
export function keepContact(contact) {
  const all = contacts();
  const number = 1001 + all.length;
  const kept = { ...contact, id: `${contact.kind}-${number}`, at: new Date().toISOString() };
  return write(CONTACTS, [kept, ...all]) ? kept : undefined;
}

/**
 * Keep what became of a contact.
 * @param {string} id
 * @param {Outcome} outcome
 */
export function keepOutcome(id, outcome) {
  write(
    CONTACTS,
    contacts().map((contact) => (contact.id === id ? { ...contact, ...outcome } : contact)),
  );
}

/** @returns {Record<string, string>} As last saved, by name of the field. */
export function savedSettings() {
  return read(SETTINGS) ?? {};
}

/** @param {Record<string, string>} settings */
export function saveSettings(settings) {
  return write(SETTINGS, settings);
}

/** Storage may be forbidden: then nothing is kept, and the pages say so. */
function read(/** @type {string} */ key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(/** @type {string} */ key, /** @type {unknown} */ value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
