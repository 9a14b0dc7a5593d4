/** The visitor and the token in one crossing, or in none: the tag looks often, and mostly nothing has changed. */
import { Ask, type Inside, json, problemOf } from "../core.js";
import { readPage } from "../page.js";
import type { PageState, VisitorContext } from "../types/index.js";

/** A visitor with the token. */
export interface Look {
  visitor: VisitorContext;
  token: string;
}

/** `around` as `createCore` has it; of it the address alone may change. */
export const createLook =
  (around: Pick<PageState, "globals" | "url">) =>
  ({ engine, answer, captured }: Inside) => {
    let last: (Look & { seen: string; said: string }) | undefined;
    return {
      /**
       * The visitor of this very page, and the token: the same object for as long as both stay as they are.
       * @param cookies The page's, where they need not be read again.
       */
      look(cookies?: string): Look {
        const now = Date.now();
        try {
          const page = JSON.stringify(readPage(cookies) ?? null);
          // A page is looked at several times in its first seconds, and a token keeps the day alone.
          const seen = `${Math.floor(now / 864e5)} ${around.url} ${page}`;
          if (last?.token && seen === last.seen) return last;
          const rest = json({ ...around, now, stash: true }).slice(1);
          const [text, token = ""] = engine()(Ask.Capture, `{"page":${page},${rest}`).split("\n");
          // The time is no change. And without a token there is little to compare.
          const said = text.replace(/"capturedAt":\d+/, "");
          if (last && token && said === last.said) {
            last.seen = seen;
            return last;
          }
          last = { seen, said, token, visitor: answer(text) };
        } catch (error) {
          last = { seen: "", said: "", token: "", visitor: { capturedAt: now, problems: [problemOf(error)] } };
        }
        captured.add(last.visitor);
        return last;
      },
    };
  };
