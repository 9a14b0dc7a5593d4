/**
 * Our cookie: the token, for call trackers that read cookies and for the site's own server.
 *
 * Short (255 characters, what is longer goes on in `name2`, `name3`, …), on the widest domain that the browser lets a page
 * set, so that every subdomain sees it. Written where it is not what it should be: as a token keeps its day, that renews
 * it once a day.
 */
import type { Check } from "./seams.js";
import type { Settings } from "./settings.js";

const LENGTH = 255;
const MOST = 9;

export const createCookie = (settings: Settings) => {
  const name = settings.cookie || "aftercall_ctx";
  const days = +(settings.cookieDays || 30);
  let state = "Nothing to keep yet.";
  let ok = true;
  let earlier: string | undefined;
  let settled: string | undefined;

  /** What follows a first part is ours only if it looks like a part. */
  const isOurs = (cookie: string) => {
    const [key, value] = cookie.split("=");
    return (
      key === name ||
      (key.slice(0, name.length) === name && /^\d$/.test(key.slice(name.length)) && /^A[\w-]{9}/.test(value))
    );
  };

  /** Ours among the page's. Each time that those are asked for, the page waits for another process: so they are handed on. */
  const ours = (cookies: string) => cookies.split("; ").filter(isOurs);

  /** The domains to try, the widest first; the last is this host alone. */
  const domains = () => {
    const labels = location.hostname.split(".");
    const all = [""];
    // Not for an address: its last label is a number.
    if (!/^\d*$|]$/.test(labels[labels.length - 1]))
      for (let from = 0; from < labels.length - 1; from++) all.unshift(labels.slice(from).join("."));
    return all;
  };

  const set = (key: string, value: string, domain: string, life: number) => {
    // Loopback without TLS: some browsers refuse secure cookies there.
    const local =
      location.protocol === "http:" && /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
    const flags = (local ? "" : "; Secure") + (domain && `; Domain=${domain}`);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later, and not everywhere.
    document.cookie = `${key}=${value}; Path=/; Max-Age=${life}; SameSite=Lax${flags}`;
  };

  const keyOf = (index: number) => name + (index ? index + 1 : "");

  /** On all domains on which it may have been written. */
  const remove = (cookies: string) => {
    for (const cookie of ours(cookies))
      for (const domain of new Set([...domains(), settings.cookieDomain ?? ""]))
        set(cookie.split("=")[0], "", domain, 0);
  };

  /** The page's cookies with the parts among them; nothing where they are not kept. */
  const write = (parts: string[], cookies: string) => {
    // Requests have to carry them all.
    if (parts.length > MOST) return;
    const due = parts.map((part, index) => `${keyOf(index)}=${part}`);
    const kept = () => {
      const found = ours(cookies);
      return found.length === due.length && due.every((pair) => found.includes(pair));
    };
    if (kept()) return cookies;
    remove(cookies);
    for (const domain of settings.cookieDomain ? [settings.cookieDomain] : domains()) {
      for (const [index, part] of parts.entries()) set(keyOf(index), part, domain, days * 86400);
      cookies = document.cookie;
      if (kept()) return cookies;
    }
  };

  return {
    name,
    length: LENGTH,
    /** What else is among the page's cookies. */
    others: (cookies?: string) =>
      cookies
        ?.split("; ")
        .filter((cookie) => !isOurs(cookie))
        .join("; "),
    /** Nothing to write leaves what is there: an earlier page may have known more. */
    write(parts: string[], before = "") {
      if (!days || !parts.length) return;
      try {
        // As it was left the last time: the page is looked at often.
        if (settled === `${parts}; ${before}`) return;
        earlier ??=
          ours(before)
            .find((cookie) => cookie.startsWith(`${name}=`))
            ?.slice(name.length + 1) ?? "";
        const after = write(parts, before);
        ok = after !== undefined;
        settled = ok ? `${parts}; ${after}` : undefined;
        state = ok
          ? `${name} holds the token.`
          : `${name} is not kept: cookies are blocked, the page is not https, data-cookie-domain is wrong, or the token is too long.`;
      } catch {
        ok = false;
        state = "This page may not keep cookies: it is sandboxed.";
      }
    },
    remove() {
      try {
        remove(document.cookie);
        state = "Nothing is kept.";
      } catch {
        // Without cookies there is none of ours.
      }
    },
    /** What it said when the page came. */
    earlier: () => earlier ?? "",
    check: (): Check => ({ name: "cookie", ok, message: state }),
  };
};
