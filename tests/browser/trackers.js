// Stand-ins for call trackers, as their documents and scripts have them: each only what concerns a value that a page hands
// over. `load(name)` is what happens when the tracker's script arrives. What the tracker's server would hear is in
// `heard`; nothing is sent.
const heard = [];

/** A queue: what is in it is worked off, then `push` itself works. */
function takeOver(name, work) {
  const queue = window[name] ?? [];
  for (const entry of queue) work(entry);
  window[name] = { push: work };
}

window.bake = (pair) => Object.assign(document, { cookie: pair });

const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const scripts = {
  // Custom Cookie Capture: the cookie goes along when the script starts, and when swap() sends the session again.
  callrail() {
    const send = () => heard.push({ tracker: "callrail", custom: { aftercall_ctx: cookie("aftercall_ctx") ?? "" } });
    window.CallTrk = { swap: send };
    send();
  },
  ctm() {
    const variables = {};
    window.__ctm = { config: { sid: "600bfda70003d18a630086fc" } };
    takeOver("__ctm_cvars", (entry) => {
      Object.assign(variables, entry);
      heard.push({ tracker: "ctm", variables: { ...variables } });
    });
  },
  ringba() {
    window.ringba = {};
    takeOver("_rgba_tags", ({ type, ...tags }) => {
      if (type === "User") heard.push({ tracker: "ringba", tags });
    });
  },
  infinity() {
    const calls = { _setCustomVar: ([name, value]) => heard.push({ tracker: "infinity", [`c_${name}`]: value }) };
    takeOver("_ictt", ([call, argument]) => calls[call]?.(argument));
  },
  // It looks three seconds after it has loaded: here, when the test says so.
  delacon() {
    window.delaconphonenums = "";
    window.delaconLooks = () => {
      const query = typeof window.getExtTrkParameters === "function" ? window.getExtTrkParameters() : "";
      heard.push({ tracker: "delacon", get: `integration.jsp?sessid=1${query}` });
      if (typeof window.extTrkStr === "string" && window.extTrkStr.length > 0)
        heard.push({ tracker: "delacon", get: `extratrack.jsp?sessid=1&extTrkStr=${window.extTrkStr}` });
    };
  },
  // A Marketing Data field from a cookie and one from an expression; run() looks at both.
  invoca() {
    const read = (look) => {
      try {
        return look() ?? null;
      } catch {
        return null;
      }
    };
    const run = () =>
      heard.push({
        tracker: "invoca",
        cookie: read(() => cookie("aftercall_ctx")),
        expression: read(() => window.aftercallFields.aftercall_ctx),
      });
    window.Invoca = { PNAPI: { version: "4.40.0", run } };
    run();
  },
  retreaver() {
    const store = {};
    let next = 1;
    class TrackedNumber {
      constructor(data) {
        Object.assign(this, data);
        this.get = (name) => data[name];
        const post = (what) => (tags) => {
          if (data.is_per_visitor === false) throw "Error: Tried to add tags to non per-visitor number.";
          heard.push({ tracker: "retreaver", number: data.id, [what]: tags });
        };
        this.add_tags = post("add_tags");
        this.remove_tags = post("remove_tags");
      }
    }
    class Campaign {
      constructor({ campaign_key }) {
        this.request_number = (_tags, callback, perVisitor = true) => {
          const id = next++;
          store[id] = { id, campaign_key, number: "+18005550100", is_per_visitor: perVisitor };
          callback(new TrackedNumber(store[id]));
        };
        this.numbers = () =>
          Object.values(store)
            .filter((number) => number.campaign_key === campaign_key)
            .map((number) => new TrackedNumber(number));
      }
    }
    window.Retreaver = { Campaign, Number: TrackedNumber, Base: { Data: { _store: { numbers: store } } } };
  },
  // It reads forms as they are submitted.
  whatconverts() {
    window.$wc_leads = { doc: { url: location.href }, track: {} };
    addEventListener("submit", (event) => {
      event.preventDefault();
      heard.push({ tracker: "whatconverts", additional_fields: Object.fromEntries(new FormData(event.target)) });
    });
  },
  // A tag manager's data layer.
  dataLayer() {
    const work = (entry) => heard.push({ tracker: "dataLayer", ...entry });
    window.dataLayer ??= [];
    const queue = window.dataLayer;
    queue.forEach(work);
    const { push } = queue;
    queue.push = (...entries) => {
      push.apply(queue, entries);
      entries.forEach(work);
    };
  },
};

window.heard = heard;
window.load = (name) => scripts[name]();

/** As much of the script tag as the outlets see. */
window.fakeTag = (token = "") => {
  const watchers = new Set();
  const tag = {
    token,
    visitor: {},
    stashParts: (_, size) => tag.token.match(new RegExp(`.{1,${size}}`, "g")),
    watch(callback) {
      watchers.add(callback);
      callback(tag);
      return () => watchers.delete(callback);
    },
    /** The tag writes the cookie before it tells anybody. */
    change(next, { cookie = true } = {}) {
      tag.token = next;
      if (cookie) window.bake(`aftercall_ctx=${next}`);
      for (const watcher of watchers) watcher(tag);
    },
  };
  return tag;
};
