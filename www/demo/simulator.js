// The simulator, which stands in for the platforms: where it is, what arrived there, what shall go wrong there.

/**
 * A request as it arrived. `counted` of its `conversions` it made count, `repeats` had been counted before.
 * @typedef {{ number: number, at: number, endpoint: string, method: string, url: string, body: string, status: number,
 *   outcome: "accepted" | "refused" | "dropped" | "fault", problems: string[],
 *   conversions: number, counted: number, repeats: number }} Arrival
 * @typedef {{ requests: number, conversions: number, deduplicated: number }} Stats
 */

/** @returns {Promise<string | undefined>} Nothing where the demo is served without a simulator. */
export async function simulatorUrl() {
  try {
    return (await (await fetch("/simulator.json")).json()).url ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Follow the simulator's log.
 * @param {string} url
 * @param {(arrivals: Arrival[], stats: Stats) => void} show Called with everything, whenever something arrived.
 * @param {(answers: boolean) => void} alive Called when it falls silent, and when it answers again.
 * @returns {() => Promise<void>} Looks at once.
 */
export function followLog(url, show, alive) {
  /** @type {Arrival[]} */
  let arrivals = [];
  /** @type {number | undefined} */
  let seen;
  let answered = true;
  let timer = 0;

  const look = async () => {
    clearTimeout(timer);
    try {
      /** @type {Stats} */
      const stats = await (await fetch(`${url}/_stats`)).json();
      if (stats.requests !== seen) {
        if (stats.requests < (seen ?? 0)) arrivals = []; // another one, which began anew
        const after = arrivals.at(-1)?.number ?? 0;
        const lines = await (await fetch(`${url}/_log?after=${after}`)).text();
        // Two looks at once may have asked for the same.
        const fresh = lines.split("\n").flatMap((line) => (line ? /** @type {Arrival} */ (JSON.parse(line)) : []));
        arrivals.push(...fresh.filter(({ number }) => number > (arrivals.at(-1)?.number ?? 0)));
        seen = stats.requests;
        show(arrivals, stats);
      }
      if (!answered) alive(true);
      answered = true;
    } catch {
      if (answered) alive(false);
      answered = false;
    }
    clearTimeout(timer);
    timer = setTimeout(look, answered ? 1000 : 5000);
  };
  void look();
  return look;
}

/**
 * What shall go wrong with the next requests.
 * @param {string} url
 * @param {string} trouble One of those in the page's list; none: nothing.
 * @param {number} [requests] How many will come.
 */
export async function order(url, trouble = "", requests = 0) {
  const rules =
    {
      busy: [{ kind: "status", status: 429, retryAfter: 1, times: requests }],
      broken: [{ kind: "status", status: 500 }],
      // Not so many times: a browser repeats a GET by itself where a connection that it had used before breaks.
      cut: [{ kind: "reset", counted: true }],
      dropped: [{ kind: "drop" }],
    }[trouble] ?? [];
  await fetch(`${url}/_faults`, { method: "POST", body: JSON.stringify({ rules }) });
}

/**
 * What the simulator made of it, in words.
 * @param {Arrival} arrival
 */
export function verdict({ outcome, problems, conversions, counted, repeats }) {
  if (outcome === "refused") return `refused: ${problems.join(" ")}`;
  if (outcome === "dropped") return "answered as always, and dropped";
  if (outcome === "fault") return "went wrong, as ordered";
  if (conversions > 1) return `${conversions} conversions, ${repeats ? `${repeats} of them repeats` : "all new"}`;
  if (repeats) return counted ? "a repeat, counted again" : "a repeat, not counted again";
  return "sound, and counted";
}
