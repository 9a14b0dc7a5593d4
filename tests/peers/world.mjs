// The world that a vendor's SDK runs in here: what it sends is noted and answered at once, its timers do not outlive the
// work, and its chance is a counter: ids that are made by chance rise in the order in which they are made.

/** Everything that was promised so far has come to pass. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Run `work` in such a world.
 * @param {(url: string) => unknown} answer what the network says to a URL, as JSON
 * @param {() => Promise<void>} work
 * @returns the requests: `{method, url, headers, body}`
 */
export async function requestsOf(answer, work) {
  const requests = [];
  const timers = [];
  const real = { fetch: globalThis.fetch, setTimeout, setInterval, random: Math.random };
  const noting =
    (start) =>
    (...args) => {
      const timer = start(...args);
      timers.push(timer);
      return timer;
    };
  globalThis.setTimeout = noting(real.setTimeout);
  globalThis.setInterval = noting(real.setInterval);
  globalThis.fetch = async (url, { method = "GET", headers = {}, body } = {}) => {
    requests.push({ method: method.toUpperCase(), url: String(url), headers: { ...headers }, body });
    return Response.json(answer(String(url)));
  };
  let count = 0;
  Math.random = () => ++count / 2 ** 20;
  try {
    await work();
    await settled();
  } finally {
    globalThis.fetch = real.fetch;
    globalThis.setTimeout = real.setTimeout;
    globalThis.setInterval = real.setInterval;
    Math.random = real.random;
    for (const timer of timers) clearTimeout(timer);
  }
  return requests;
}
