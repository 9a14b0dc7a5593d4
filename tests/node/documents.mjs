// Reading the project's documents: their tables, code blocks and generated passages.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

const at = (path) => new URL(`../../${path}`, import.meta.url);

export const read = (path) => readFileSync(at(path), "utf8");

/** The code block of a language. */
export function block(text, language) {
  const found = text.match(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m"));
  assert.ok(found, `there is a block of ${language}`);
  return found[1];
}

/** The chapters: heading → text. */
export function chapters(text) {
  const [, ...chapters] = text.split(/^## /m);
  return new Map(chapters.map((chapter) => [chapter.slice(0, chapter.indexOf("\n")), chapter]));
}

/** The rows of the tables in a text, without their heads, as lists of cells. */
export function rows(text) {
  const isRule = (line) => /^\|(---\|)+$/.test(line ?? "");
  const lines = text.split("\n");
  return lines
    .filter((line, index) => line.startsWith("|") && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

/** What stands in code quotes. */
export const quoted = (text) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);

/**
 * A passage between `<!-- name -->` and `<!-- /name -->` must be this text. UPDATE=1 writes it there.
 * @param {string} path
 * @param {string} name
 * @param {string} due
 */
export function generated(path, name, due) {
  const text = read(path);
  const [before, rest] = text.split(`<!-- ${name} -->\n`);
  const [found, after] = (rest ?? "").split(`<!-- /${name} -->\n`);
  assert.ok(after !== undefined, `${path} has a passage ${name}`);
  if (process.env.UPDATE && found !== due)
    writeFileSync(at(path), `${before}<!-- ${name} -->\n${due}<!-- /${name} -->\n${after}`);
  else assert.equal(found, due, `${path}, ${name}: UPDATE=1 writes it anew`);
}

export const write = (path, text) => writeFileSync(at(path), text);
export const table = (head, rows) =>
  `${[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`.replaceAll(
    "| --- ",
    "|---",
  );

/** What gives errors and problems of its own in JavaScript. */
export const facadeSources = [
  "www/core.ts",
  "www/once.ts",
  "www/deliver.ts",
  "www/tag/index.ts",
  "www/tag/settings.ts",
  "www/entries/slim.ts",
]
  .map(read)
  .join("\n");
