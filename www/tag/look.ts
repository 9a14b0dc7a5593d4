/** The visitor and the token in one crossing: the tag looks often, and mostly nothing has changed. */
import { type Inside, json, problemOf } from "../core.js";
import type { PageState, VisitorContext } from "../types/index.js";

/** A visitor with the token. */
export interface Look {
  visitor: VisitorContext;
  token: string;
}

/** `around` as `createCore` has it. */
export const createLook =
  (around: Pick<PageState, "globals" | "url">) =>
  ({ engine, answer, captured }: Inside) => {
    let last: (Look & { said: string }) | undefined;
    return {
      /** The visitor of this very page, and the token: the same object for as long as both stay as they are. */
      look(): Look {
        const now = Date.now();
        try {
          const [text, token = ""] = engine()
            .capturePage(json({ ...around, now, stash: true }))
            .split("\n");
          // The time is no change. And without a token there is little to compare.
          const said = text.replace(/"capturedAt":\d+/, "");
          if (last && token && said === last.said) return last;
          last = { said, token, visitor: answer(text) };
        } catch (error) {
          last = { said: "", token: "", visitor: { capturedAt: now, problems: [problemOf(error)] } };
        }
        captured.add(last.visitor);
        return last;
      },
    };
  };
