/**
 * When to look again. Platforms decide late, and some after us: each is asked to say so in its own way; before it is there,
 * and where it says nothing, a growing wait helps, that ends. A change of route, or of what was found, starts it anew.
 */

/** Looks again after each, in ms: a minute in all. */
const WAITS = [1000, 3000, 8000, 16_000, 30_000];

type Push = (...commands: unknown[]) => unknown;

/** How each platform is asked, by the name of its queue on `window`. */
const SIGNALS = (handler: () => void): [queue: string, ...commands: unknown[]][] => [
  // docs.developers.optimizely.com, Web Experimentation, "addListener". What was before is not told again.
  ...["initialized", "campaignDecided"].map((name): [string, unknown] => [
    "optimizely",
    { type: "addListener", filter: { type: "lifecycle", name }, handler },
  ]),
  // VWO's JavaScript API.
  ["VWO", ["onVariationApplied", handler]],
  // Convert's JavaScript API, lifecycle events.
  ...["snippet.experiences_evaluated", "experience.activated"].map((event): [string, unknown] => [
    "_conv_q",
    { what: "addListener", params: { event, handler } },
  ]),
  // Kameleoon's queue runs functions when its engine is there.
  ["kameleoonQueue", handler],
];

/** Calls `look` whenever there may be something new. Returns what starts the waits anew. */
export const watchPage = (look: () => void) => {
  let soon = 0;
  let wait = 0;
  let timer = 0;

  /** After what runs now: platforms speak before they write. */
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(look);
  };

  let signals = SIGNALS(later);
  /** Asks the platforms that are there, each once. None is made up: its own script would see that. */
  const ask = () => {
    signals = signals.filter(([queue, command]) => {
      try {
        const platform = (window as unknown as Record<string, { push?: Push }>)[queue];
        if (typeof platform?.push !== "function") return true;
        platform.push(command);
      } catch {
        // Somebody else's.
      }
      return false;
    });
  };

  const listen = () => {
    // Twice is once, and a document that was opened anew has lost them.
    addEventListener("pageshow", show);
    document.addEventListener("visibilitychange", look);
    document.addEventListener("prerenderingchange", look);
    ask();
    clearTimeout(timer);
    if (wait < WAITS.length) timer = setTimeout(tick, WAITS[wait++]);
  };
  const tick = () => {
    listen();
    look();
  };
  const again = () => {
    wait = 0;
    listen();
  };
  const restart = () => {
    again();
    look();
  };
  /** A page that loads at once has been looked at a moment ago, and is looked at in a moment. */
  const show = ({ persisted }: PageTransitionEvent) => {
    if (persisted || wait > 1) restart();
  };
  /** Not within the page's own call. */
  const changeRoute = () => {
    clearTimeout(timer);
    timer = setTimeout(restart);
  };

  listen();
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) navigation.addEventListener("currententrychange", changeRoute);
  else {
    addEventListener("popstate", changeRoute);
    for (const name of ["pushState", "replaceState"] as const) {
      const original = history[name];
      history[name] = function (...change) {
        original.apply(this, change);
        changeRoute();
      };
    }
  }
  return again;
};
