/** What the tag and the files beside it know of each other. */
import type { Engine } from "../core.js";

export type Tag = AftercallTag.Tag;

/** One line of `diagnose()`. Of two with one name the later counts. */
export type Check = ReturnType<Tag["diagnose"]>["checks"][number];
export type Report = (check: Check) => void;

/** What runs of them. */
export interface Outlets {
  /** Is there by now who was not there yet? */
  look(): void;
  /** The end: takes back what can be taken back. */
  stop(): void;
}

/** The files that lie beside the script, and what each hands over. */
export interface Beside {
  /**
   * `field`: what trackers shall call our value: the name of our cookie. `earlier`: what that said when the page came.
   */
  outlets: { start(tag: Tag, names: string[], report: Report, field: string, earlier: string): Outlets };
  debug: { show(tag: Tag): void };
  nowasm: { engine: Engine };
}

/** For a file beside the script: hands itself to the tag that loads it. No global is needed. */
export const handOver = <Name extends keyof Beside>(handed: Beside[Name]) => {
  Object.assign(document.currentScript as object, { handed });
};
