/** Many conversions at once: what servers ask for, and the script tag does not offer. */
import { Ask, type Inside, json } from "./core.js";
import type * as api from "./types/index.js";

export const batches = ({ engine, answer, pair }: Inside): Pick<typeof api, "conversionBatches"> => ({
  conversionBatches: (pairs, accounts) =>
    answer(
      engine()(
        Ask.ConversionBatches,
        json({
          pairs: [...pairs].map((it) => pair(it?.visitor, it?.conversion)),
          accounts: accounts ?? {},
          now: Date.now(),
        }),
      ),
    ),
});
