// Stand-ins of consent tools, each as its document describes it, to run in a page or in a made-up window. A tool starts
// from what the visitor decided on an earlier page (`stored`): nothing, true or false. Its functions name all they need:
// they travel into pages as text.

/** IAB's CMP API: takes over from the stub, answers what was queued, and tells every listener of every status. */
const tcf = {
  purposes: "1 8",
  /** The IAB's own stub is loaded before. */
  install(window, stored) {
    const queue = window.__tcfapi?.() ?? [];
    const listeners = new Map();
    let last = 0;
    let consents = {};
    let eventStatus = stored === undefined ? "cmpuishown" : "tcloaded";
    const data = (listenerId) => ({
      ...{ tcfPolicyVersion: 4, cmpStatus: "loaded", eventStatus, listenerId, gdprApplies: true },
      purpose: { consents, legitimateInterests: { 1: true, 8: true } },
    });
    window.__tcfapi = (command, _version, callback, parameter) => {
      if (command === "addEventListener") {
        listeners.set(++last, callback);
        callback(data(last), true);
      } else if (command === "removeEventListener") callback(listeners.delete(parameter));
      else if (command === "ping") callback({ cmpLoaded: true, cmpStatus: "loaded" }, true);
    };
    const decide = (granted, status) => {
      consents = granted ? { 1: true, 2: false, 8: true } : {};
      eventStatus = status;
      for (const [id, listener] of listeners) listener(data(id), true);
    };
    if (stored !== undefined) decide(stored, "tcloaded");
    for (const call of queue) window.__tcfapi(...call);
    window.decide = (granted) => decide(granted, "useractioncomplete");
  },
};

/** Google's Consent Mode without Google's tag: commands in the data layer. */
const google = {
  purposes: "analytics_storage",
  install(window, stored) {
    window.dataLayer ??= [];
    // An arguments object, as Google's snippet pushes it.
    function gtag() {
      // biome-ignore lint/complexity/noArguments: it is what a command looks like
      window.dataLayer.push(arguments);
    }
    const state = (granted) => ({ ad_storage: "denied", analytics_storage: granted ? "granted" : "denied" });
    gtag("consent", "default", { ...state(false), wait_for_update: 500 });
    window.decide = (granted) => gtag("consent", "update", state(granted));
    if (stored !== undefined) window.decide(stored);
  },
};

/** OneTrust: groups on `window` and in an event on it. */
const onetrust = {
  purposes: "C0002",
  install(window, stored) {
    const decide = (granted) => {
      const groups = granted ? ["C0001", "C0002", "C0003"] : ["C0001", "C0003"];
      window.OnetrustActiveGroups = `,${groups.join(",")},`;
      window.dispatchEvent(new window.CustomEvent("OneTrustGroupsUpdated", { detail: groups }));
    };
    if (stored !== undefined) decide(stored);
    window.decide = decide;
  },
};

/** Cookiebot: categories on `window`, events without details. */
const cookiebot = {
  purposes: "statistics",
  install(window, stored) {
    const consent = { necessary: true, preferences: false, statistics: false, marketing: false };
    window.Cookiebot = { consent, hasResponse: false };
    const decide = (granted) => {
      window.Cookiebot.hasResponse = true;
      consent.statistics = granted;
      window.dispatchEvent(new window.Event("CookiebotOnConsentReady"));
      window.dispatchEvent(new window.Event(granted ? "CookiebotOnAccept" : "CookiebotOnDecline"));
    };
    if (stored !== undefined) decide(stored);
    window.decide = decide;
  },
};

/** WordPress's consent API: a function, and an event on the document that fires on change alone. */
const wp = {
  purposes: "statistics",
  install(window, stored) {
    const allowed = { functional: true, statistics: stored === true };
    window.wp_has_consent = (category) => allowed[category] === true;
    window.decide = (granted) => {
      allowed.statistics = granted;
      const detail = { statistics: granted ? "allow" : "deny" };
      window.document.dispatchEvent(new window.CustomEvent("wp_listen_for_consent_change", { detail }));
    };
  },
};

/** The site's own: the tag's API. */
const custom = {
  install(window, stored) {
    window.decide = (granted) => window.aftercall.consent(granted);
    window.aftercall ??= [];
    if (stored !== undefined) window.aftercall.push((tag) => tag.consent(stored));
  },
};

export const consentTools = { tcf, google, onetrust, cookiebot, wp, custom };
