/** Nothing that the tag defines throws. */
import { problemOf } from "../core.js";
import type { Problem } from "../types/index.js";

/** The same function, with a result that names the problem where it would throw. */
export const calm =
  <Arguments extends unknown[], Result>(
    call: (...args: Arguments) => Result,
    otherwise: (problem: Problem) => Result,
  ) =>
  (...args: Arguments): Result => {
    try {
      return call(...args);
    } catch (error) {
      return otherwise(problemOf(error));
    }
  };

/** What was thrown, as text: even what does not become text by itself. */
export const textOf = (thrown: unknown) => {
  try {
    return String(thrown);
  } catch {
    return "?";
  }
};
