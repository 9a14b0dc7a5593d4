/** The page's own code: an event, and a function. */
import { type Adapter, call, page } from "./outlet.js";

/** `aftercall:token` on the document, with the token and its parts. */
export const event: Adapter = {
  create: () => ({
    hand({ token, fields }) {
      document.dispatchEvent(new CustomEvent("aftercall:token", { detail: { token, fields: { ...fields } } }));
      return { done: "The event aftercall:token has told the page." };
    },
  }),
};

/** `window.aftercallCallback(token, fields)`, as soon as there is one. */
export const callback: Adapter = {
  create: () => ({
    hand: ({ token, fields }) =>
      call(page, "aftercallCallback", token, { ...fields })
        ? { done: "window.aftercallCallback was called." }
        : { wait: "There is no window.aftercallCallback yet." },
  }),
};
