/**
 * May the page be read, may anything be written or handed on? The answer of `data-consent`'s tool.
 *
 * Without the attribute the page is read, for the site's own code, and nothing is written or handed on. With a tool named
 * nothing is read before it consents. A browser that asks not to be tracked (Global Privacy Control) is a refusal.
 */
import { type Settings, SPACES } from "../settings.js";
import type { Adapter } from "./adapter.js";
import { cookiebot } from "./cookiebot.js";
import { google } from "./google.js";
import { onetrust } from "./onetrust.js";
import { tcf } from "./tcf.js";
import { wp } from "./wp.js";

/** No tool: nobody has to be asked. */
const none: Adapter = (tell) => () => {
  tell(true);
  return true;
};

/** The site calls `consent(granted)` itself. */
const custom: Adapter = () => () => true;

/** Each tool with the purposes that it has to grant where `data-consent-purposes` names none. */
const TOOLS = new Map<string, readonly [adapter: Adapter, purposes: string]>(
  Object.entries({
    none: [none, ""],
    custom: [custom, ""],
    // Store and read on the device; measure content.
    tcf: [tcf, "1 8"],
    google: [google, "analytics_storage"],
    // Performance cookies.
    onetrust: [onetrust, "C0002"],
    cookiebot: [cookiebot, "statistics"],
    wp: [wp, "statistics"],
  }),
);

export const createConsent = (settings: Settings, changed: () => void) => {
  const tool = settings.consent;
  const refused =
    settings.gpc !== "ignore" &&
    (window.navigator as { globalPrivacyControl?: boolean } | undefined)?.globalPrivacyControl === true;
  let granted = refused ? false : undefined;
  let found = false;
  let looking = false;
  const tell = (now: boolean) => {
    if (refused || now === granted) return;
    granted = now;
    if (!looking) changed();
  };
  const [adapter, purposes] = TOOLS.get(tool ?? "") ?? [];
  const search = adapter?.(tell, (settings.consentPurposes || purposes || "").split(SPACES));

  return {
    /** Looks for the tool, until it is there. Who calls goes on with what it said. */
    look() {
      looking = true;
      try {
        found ||= search?.() ?? true;
      } catch {
        // Not yet what it will be.
      }
      looking = false;
    },
    /** What the site itself says; only `custom` asks the site. */
    tell(granted: boolean) {
      if (tool === "custom") tell(!!granted);
    },
    mayRead: () => (tool ? granted === true : !refused),
    mayWrite: () => !!tool && granted === true,
    refused: () => granted === false,
    check: () => ({
      name: "consent",
      ok: !!tool && granted === true,
      message: !tool
        ? "data-consent is missing: nothing is written or handed on. Name your consent tool, or none."
        : refused
          ? 'This browser asks for privacy (Global Privacy Control). data-gpc="ignore" would ignore it.'
          : granted
            ? `Granted (${tool}).`
            : granted === false
              ? `Refused (${tool}): nothing is read.`
              : found
                ? `Not decided yet (${tool}): nothing is read.`
                : `There is no ${tool} on this page yet: nothing is read.`,
    }),
  };
};
