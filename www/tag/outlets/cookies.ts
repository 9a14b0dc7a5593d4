/** Trackers that read our cookie, which the tag itself writes: they only have to look again where they looked too early. */
import { type Adapter, call, member, OutletError, page, present, type Value } from "./outlet.js";

const isThere = (field: string, { token, fields }: Value) => {
  const cookies = document.cookie.split(/; ?/);
  return cookies.includes(`${field}=${token}`) || cookies.includes(`${field}=${fields[field]}`);
};

const must = (field: string, value: Value) => {
  if (!isThere(field, value))
    throw new OutletError(`The cookie ${field} is not there: the browser refused it, or data-cookie-days is 0.`);
};

/** Our cookie and nothing else: for whatever reads it. */
export const cookie: Adapter = {
  create: (field) => ({
    hand(value) {
      must(field, value);
      return { done: `The token is in the cookie ${field}.` };
    },
  }),
};

/**
 * CallRail: Custom Cookie Capture. Its script has no function that takes a value; `CallTrk.swap()` sends the session, and
 * our cookie with it, once more: once for a value that the script may have missed.
 */
export const callrail: Adapter = {
  detect: present(["CallTrk", "CallTrkSwap", "crwpVer"], /^https?:\/\/cdn\.callrail\.com\/companies\//m),
  create: (field) => ({
    hand(value) {
      must(field, value);
      const again = !value.known && call(page.CallTrk, "swap");
      return { done: `CallRail reads the cookie ${field}${again ? "; it was asked to read it again" : ""}.` };
    },
  }),
};

/**
 * Invoca: a Marketing Data field whose source is our cookie, or the expression `aftercallFields.aftercall_ctx`. Where its
 * tag was there first, it runs once more.
 */
export const invoca: Adapter = {
  detect: present(["Invoca", "InvocaTagId"], /^https?:\/\/[^/]+\.(invoca\.net|invocacdn\.com|dialogtech\.com)\//m),
  create(field) {
    let ours: unknown;
    return {
      hand(value) {
        ours = { ...value.fields };
        page.aftercallFields = ours;
        const again = !(value.known && isThere(field, value)) && call(member(page.Invoca, "PNAPI"), "run");
        return { done: `The token is in window.aftercallFields${again ? "; Invoca ran again" : ""}.` };
      },
      stop() {
        if (page.aftercallFields === ours) delete page.aftercallFields;
      },
    };
  },
};
