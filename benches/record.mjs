// What a run of `npm run bench` measured: printed as it comes, and kept for docs/benchmarks.md.
import { bold, green, red } from "../xtask/run.mjs";

/** The middle of some numbers, and what half of them lie between. */
export function quartiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

export const median = (numbers) => quartiles(numbers).median;

/** A number with as many digits as mean something. */
export const figure = (value) =>
  value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

/** A run's chapters, each with its rows. */
export class Record {
  chapters = [];

  /** Whatever is measured from here on belongs to it. `text`: what it shows, and how. */
  chapter(title, text) {
    console.log(`\n${bold(title)}`);
    this.chapters.push({ title, text, rows: [], pictures: [] });
  }

  /** A result. `most` and `least` are what we promise; `low` and `high`, where it was measured often, its quartiles. */
  row(title, value, unit, { most, least, low, high } = {}) {
    const bound = most ?? least;
    const met = most === undefined ? value >= least : value <= most;
    const promise = bound === undefined ? "" : `${most === undefined ? "≥" : "≤"} ${figure(bound)}`;
    const verdict = promise && `${promise} ${met ? green("met") : red("missed")}`;
    const spread = low === undefined ? "" : `${figure(low)} to ${figure(high)}`;
    console.log(
      `${title.padEnd(66)} ${figure(value).padStart(10)} ${unit.padEnd(13)} ${spread.padEnd(18)} ${verdict}`.trimEnd(),
    );
    this.chapters.at(-1).rows.push({ title, value, unit, spread, promise, met });
  }

  /** The numbers of many measurements as one row. */
  rows(title, numbers, unit, bounds) {
    const { median, low, high } = quartiles(numbers);
    this.row(title, median, unit, { ...bounds, low, high });
  }

  /** A picture of the last chapter: the file's name, what it shows, its bars `{name, value, ours}` and their unit. */
  picture(file, title, unit, bars) {
    this.chapters.at(-1).pictures.push({ file, title, unit, bars });
  }
}
