/**
 * What FullStack's module asks of JavaScript, beside its globals: functions that take and give texts, numbers and flags, and
 * do not throw.
 */

/**
 * Is the pattern in the text? One that is no pattern is in none.
 * @param {string} pattern
 * @param {string} text
 */
export const test = (pattern, text) => {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
};

/**
 * The text of a value that stands there as JSON; undefined where it has none.
 * @param {string} json
 */
export const valueText = (json) => {
  try {
    return String(JSON.parse(json));
  } catch {
    return undefined;
  }
};

/** @param {string} text */
export const lower = (text) => text.toLowerCase();

/** @param {string} text */
export const trim = (text) => text.trim();

/** @param {string} text */
export const parseInteger = (text) => parseInt(text, 10);
