// The world that a vendor's SDK runs in here: what it sends is noted and answered at once, its timers do not outlive the
// work, and its chance is seeded.

/** Steele, Lea and Flood's SplitMix in 32 bits: enough chance for ids and nonces, the same on every run. */
function chance(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

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
  Math.random = chance(1);
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
