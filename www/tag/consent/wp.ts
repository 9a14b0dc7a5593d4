/**
 * WordPress's consent API: `wp_has_consent(category)`, and an event on change alone, whose detail has what changed:
 * `{ statistics: "allow" }`. Source: wordpress.org/plugins/wp-consent-api.
 *
 * Whoever was not asked yet has no consent either: only a change is a refusal.
 */
import { type Adapter, page } from "./adapter.js";

export const wp: Adapter = (tell, categories) => {
  const granted = (changed: Record<string, string> = {}) =>
    categories.every((category) =>
      changed[category] ? changed[category] === "allow" : page().wp_has_consent?.(category),
    );
  document.addEventListener("wp_listen_for_consent_change", (event) => tell(granted((event as CustomEvent).detail)));
  return () => {
    if (granted()) tell(true);
    return !!page().wp_has_consent;
  };
};
