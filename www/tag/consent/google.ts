/**
 * Google's Consent Mode: `gtag("consent", "default" | "update", { signal: "granted" | "denied" })`, which lands in
 * `dataLayer` as an arguments object. Source: developers.google.com/tag-platform.
 *
 * There is no official getter. Where Google's own tag runs, `google_tag_data.ics` knows more: templates of tag managers
 * speak to it directly. Many sites and Microsoft's Clarity read it so, but it is undocumented: nothing here depends on it.
 */
import { type Adapter, page } from "./adapter.js";

type States = Partial<Record<string, boolean>>;
type Command = Partial<Record<string, string>>;

export const google: Adapter = (tell, signals) => {
  let listening = false;
  let watched: unknown[] | undefined;

  const look = () => {
    const known: Record<string, States> = {};
    for (const entry of page().dataLayer ?? []) {
      const [command, action, states] = Array.from((entry ?? []) as ArrayLike<unknown>) as [unknown, string, Command?];
      // A default for some regions alone: nobody here knows the region.
      if (command === "consent" && states && !states.region)
        for (const signal of signals)
          if (states[signal]) known[signal] = { ...known[signal], [action]: states[signal] === "granted" };
    }
    const entries = page().google_tag_data?.ics?.entries;
    const state = signals.map((signal) => ({ ...known[signal], ...entries?.[signal] }));
    if (state.every((it) => it.update ?? it.default)) tell(true);
    // A default may be waiting for the visitor's answer of last time.
    else if (state.some((it) => it.update === false)) tell(false);
  };

  return () => {
    const { dataLayer, google_tag_data } = page();
    if (dataLayer && dataLayer !== watched) {
      watched = dataLayer;
      const push = dataLayer.push;
      dataLayer.push = function (...entries) {
        // Google's tag may hear of it after us.
        if ((entries[0] as string[] | undefined)?.[0] === "consent") setTimeout(look);
        return push.apply(this, entries);
      };
    }
    const ics = google_tag_data?.ics;
    if (!listening && ics?.addListener) {
      ics.addListener(signals, () => setTimeout(look));
      listening = true;
    }
    look();
    return listening && !!watched;
  };
};
