// Inputs made by chance. The seed is printed with the test; `PEERS_SEED=…` runs the same inputs again, `PEERS_TIMES=10`
// ten times as many.
import fc from "fast-check";

const seed = Number(process.env.PEERS_SEED ?? Date.now() % 2 ** 31);
const times = Number(process.env.PEERS_TIMES ?? 1);

/** Check `property` for so many inputs; a failure is told with the smallest input that still fails. */
export async function forMany(t, usual, arbitrary, property) {
  const numRuns = usual * times;
  // The search for a smaller input must not outlast the runner's patience.
  const interruptAfterTimeLimit = 90_000 * times;
  await fc.assert(fc.asyncProperty(arbitrary, property), {
    seed,
    numRuns,
    interruptAfterTimeLimit,
    markInterruptAsFailure: true,
    includeErrorInReport: true,
  });
  t.diagnostic(`${numRuns} inputs; PEERS_SEED=${seed} makes the same ones`);
}

/**
 * Text as people have it: with and without ASCII, with what URLs and JSON treat in their own way. Without U+FFFD, which
 * stands where half a character was and is refused.
 */
export const text = ({ minLength = 0, maxLength = 12 } = {}) => {
  const unit = fc.constantFrom(..."aZ09 &=+%#/?;,:\"'\\<>|*.~!()-_@é€𝄞\u{1}\b\n\u{7f}\u{2028}");
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.string({ minLength, maxLength, unit: "grapheme" }) },
      fc.string({ minLength, maxLength, unit }),
    )
    .filter((text) => !text.includes("\u{fffd}"));
};

const hasControls = (value) => [...value].some((letter) => letter < " " || letter === "\u007f");

/** Text that may be somebody's id: not empty, no control characters, nothing that looks like a person. */
export const visitorId = fc.oneof(
  fc.integer({ min: 1, max: 10 ** 9 }).map(String),
  fc.integer({ min: 1, max: 10 ** 9 }).map((number) => `oeu${1_700_000_000_000 + number}r0.${number}`),
  fc.string({ minLength: 16, maxLength: 16, unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789") }),
  text({ minLength: 1, maxLength: 20 }).filter(
    (id) => !hasControls(id) && !(id in {}) && !/@|%40|^(\+|%2[Bb])/.test(id),
  ),
);

/** A platform's own id, as text. */
export const id = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(String),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String),
);

/**
 * An amount of money: `said` to us, `number` to an SDK, and the cents that it comes to; null where it is none to us.
 */
const cents = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 10 ** 14 }));
export const amount = fc.oneof(
  { weight: 2, arbitrary: cents.map((cents) => ({ said: cents / 100, number: cents / 100, cents })) },
  { weight: 2, arbitrary: cents.map((cents) => ({ said: (cents / 100).toFixed(2), number: cents / 100, cents })) },
  cents.map((cents) => ({ said: (0 - cents) / 100, number: (0 - cents) / 100, cents: 0 - cents })),
  // What JavaScript makes of sums and products.
  fc
    .tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 }))
    .map(([a, b]) => ({ said: a / 100 + b / 100, number: a / 100 + b / 100, cents: a + b })),
  fc
    .integer({ min: 1, max: 10_000 })
    .map((cents) => ({ said: 3 * (cents / 100), number: 3 * (cents / 100), cents: 3 * cents })),
  fc.integer({ min: 10, max: 300 }).map((places) => ({ said: 10 ** -places, number: 10 ** -places, cents: 0 })),
  fc
    .constantFrom(0.001, 1e-7, 1.005, 12.345, 1e15, 1e21, 1e300, Number.NaN, Number.POSITIVE_INFINITY)
    .map((number) => ({ said: number, number, cents: null })),
);

/** Once and no more: a conversion's id among those of one input. */
export const numbered = (list) => list.map((item, index) => ({ ...item, id: `conversion-${index + 1}` }));
