/** What `data-*` attributes of the script, or `window.aftercallConfig`, say. */
import type { PageGlobals, Problem } from "../types/index.js";
import { outletNames } from "./outlets/names.js";

/** Where an account belongs among the globals of the page. */
const ACCOUNTS = new Map(
  Object.entries({
    optimizelyAccount: ["optimizely", "accountId"],
    optimizelyProject: ["optimizely", "projectId"],
    vwoAccount: ["vwo", "accountId"],
    kameleoonSite: ["kameleoon", "siteCode"],
    convertAccount: ["convert", "accountId"],
    convertProject: ["convert", "projectId"],
  }),
);

/** All others, each with what it may be: words out of a list, or whatever the expression takes. */
const OTHERS = new Map<string, readonly string[] | RegExp>(
  Object.entries({
    consent: ["none", "tcf", "google", "onetrust", "cookiebot", "wp", "custom"],
    /** Purposes, categories, groups or signals, as the consent tool calls them. All of them have to be granted. */
    consentPurposes: /./,
    gpc: ["honour", "ignore"],
    outlets: outletNames,
    cookie: /^[\w-]*$/,
    cookieDomain: /^[\w.-]*$/,
    /** 0: no cookie. */
    cookieDays: /^\d{0,3}$/,
    engine: ["wasm", "js"],
    /** The folder of the files beside the script, where the script's own address does not tell. */
    base: /./,
    nowasmSrc: /./,
  }),
);

/** Between the words of a value. */
export const SPACES = /[\s,]+/;

const attribute = (key: string) => `data-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What was meant, perhaps: what begins alike, else all there is. */
const suggestions = (known: readonly string[], given: string) => {
  const alike = known.filter((name) => name.slice(0, 2) === given.slice(0, 2));
  return alike.length ? alike : known;
};

export const readSettings = (script?: HTMLOrSVGElement) => {
  const globals: Record<string, Record<string, unknown>> = {};
  const problems: Problem[] = [];
  const settings: Record<string, string | undefined> = {};
  const complain = (message: string) => problems.push({ platform: "page", code: "unknown-setting", message });

  for (const [key, value] of Object.entries({ ...window.aftercallConfig, ...script?.dataset })) {
    const [platform, field] = ACCOUNTS.get(key) ?? [];
    const rule = OTHERS.get(key);
    const words = `${value ?? ""}`.trim();
    if (platform) {
      if (value) globals[platform] = { ...globals[platform], [field as string]: value };
    } else if (rule) {
      const wrong =
        "test" in rule ? !rule.test(words) && words : words.split(SPACES).find((word) => !rule.includes(word));
      // What nobody knows consents to nothing.
      if (!wrong || key === "consent" || key === "outlets") settings[key] = words;
      if (wrong) {
        const hint = "test" in rule ? "" : ` There is: ${suggestions(rule, wrong).join(", ")}.`;
        complain(`${attribute(key)} knows no "${wrong}".${hint}`);
      }
    } else {
      const names = suggestions([...ACCOUNTS.keys(), ...OTHERS.keys()], key).map(attribute);
      complain(`There is no ${attribute(key)}. There is: ${names.join(", ")}.`);
    }
  }
  return { globals: globals as PageGlobals, problems, ...settings } as Settings;
};

/** Names as in `data-*`; what is not set is not there. */
export interface Settings {
  globals: PageGlobals;
  problems: Problem[];
  consent?: string;
  consentPurposes?: string;
  gpc?: string;
  outlets?: string;
  cookie?: string;
  cookieDomain?: string;
  cookieDays?: string;
  engine?: string;
  base?: string;
  nowasmSrc?: string;
}
