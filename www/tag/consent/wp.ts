/**
 * WordPress's consent API: `wp_has_consent(category)`, and an event on change alone, whose detail has what changed:
 * `{ statistics: "allow" }`. Source: wordpress.org/plugins/wp-consent-api.
 */
import { type Adapter, page } from "./adapter.js";

export const wp: Adapter = (tell, categories) => {
  const look = (changed: Record<string, string> = {}) =>
    tell(
      categories.every((category) =>
        changed[category] ? changed[category] === "allow" : page().wp_has_consent?.(category),
      ),
    );
  document.addEventListener("wp_listen_for_consent_change", (event) => look((event as CustomEvent).detail));
  return () => {
    const found = !!page().wp_has_consent;
    if (found) look();
    return found;
  };
};
