// The recipes as they stand in recipes/, read as the tools read them that they are for.
import { readFileSync } from "node:fs";

export const recipe = (/** @type {string} */ name) =>
  readFileSync(new URL(`../recipes/${name}`, import.meta.url), "utf8");

/** A Tag Manager template: its sections by name. */
export function template() {
  const [, ...parts] = recipe("google-tag-manager.tpl").split(/^___([A-Z_]+)___$/m);
  const sections = new Map();
  for (let index = 0; index < parts.length; index += 2) sections.set(parts[index], parts[index + 1].trim());
  const json = (/** @type {string} */ name) => JSON.parse(sections.get(name));
  return {
    names: [...sections.keys()],
    info: json("INFO"),
    parameters: json("TEMPLATE_PARAMETERS"),
    code: /** @type {string} */ (sections.get("SANDBOXED_JS_FOR_WEB_TEMPLATE")),
    permissions: json("WEB_PERMISSIONS"),
    tests: /** @type {string} */ (sections.get("TESTS")),
  };
}

/** Tag Manager writes values with a number for their type. */
function plain({ type, string, boolean, listItem, mapKey, mapValue }) {
  if (type === 1) return string;
  if (type === 8) return boolean;
  if (type === 2) return listItem.map(plain);
  if (type === 3) return Object.fromEntries(mapKey.map((key, index) => [plain(key), plain(mapValue[index])]));
  throw new Error(`A value of type ${type}.`);
}

/** Permissions by name, each with its parameters. */
export const permissionsOf = (list) =>
  Object.fromEntries(
    list.map(({ instance: { key, param } }) => [
      key.publicId,
      Object.fromEntries(param.map(({ key, value }) => [key, plain(value)])),
    ]),
  );

/**
 * The functions that a template may require, each behind the permission that Tag Manager's reference names for it.
 * @param {object} permissions
 * @param {{ window: Record<string, unknown>, inject: (url: string, done: () => void, failed: () => void) => void }} page
 */
export function sandbox(permissions, { window, inject }) {
  const loaded = new Set();
  const apis = {
    setInWindow(key, value, override) {
      const allowed = permissions.access_globals?.keys.find((entry) => entry.key === key);
      if (!allowed?.write) throw new Error(`access_globals: ${key} may not be written.`);
      if (key in window && !override) return false;
      window[key] = structuredClone(value);
      return true;
    },
    injectScript(url, done, failed, token) {
      const fits = (pattern) =>
        new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(url);
      if (!permissions.inject_script?.urls.some(fits)) throw new Error(`inject_script: ${url} is not allowed.`);
      if (token && loaded.has(token)) return done();
      loaded.add(token);
      inject(url, done, failed);
    },
  };
  return (name) => {
    if (!Object.hasOwn(apis, name)) throw new Error(`There is no ${name} in the sandbox.`);
    return apis[name];
  };
}
