// docs/benchmarks.md and its pictures, out of a run's record.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figure } from "./record.mjs";

const text = (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Horizontal bars, ours first. Colours hold on white and on black. */
function svg(title, bars, unit) {
  const [left, width, line] = [230, 760, 30];
  const longest = Math.max(...bars.map(({ value }) => value));
  const height = line * bars.length + 44;
  const rows = bars.map(({ name, value, ours }, index) => {
    const y = 40 + index * line;
    const length = Math.max(1, (value / longest) * (width - left - 130));
    return [
      `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${text(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="20" rx="3" fill="${ours ? "#0a7d5a" : "#8a94a6"}"/>`,
      `<text x="${(left + length + 8).toFixed(1)}" y="${y + 15}">${figure(value)} ${unit}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${text(title)}">`,
    "<style>text{font:14px system-ui,sans-serif;fill:#6b7280}.title{font-weight:600}</style>",
    `<text class="title" x="0" y="18">${text(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function chapter({ title, text: about, rows, pictures }) {
  const promises = rows.some(({ promise }) => promise);
  const spreads = rows.some(({ spread }) => spread);
  const cells = (row) => [
    row.title,
    figure(row.value),
    row.unit,
    ...(spreads ? [row.spread] : []),
    ...(promises ? [row.promise] : []),
  ];
  const head = [
    "",
    "median",
    "unit",
    ...(spreads ? ["half of them lie between"] : []),
    ...(promises ? ["promised"] : []),
  ];
  const verdict = (row) => (row.promise ? ` ${row.met ? "met" : "**missed**"}` : "");
  const table = [
    `| ${head.join(" | ")} |`,
    `|${head.map((_, index) => (index === 1 ? "---:" : "---")).join("|")}|`,
    ...rows.map((row) => `| ${cells(row).join(" | ")}${verdict(row)} |`),
  ];
  const images = pictures.map(({ file, title }) => `![${title}](benchmarks/${file})`);
  return [`## ${title}`, about, ...images, table.join("\n")].join("\n\n");
}

/** Every promise that this run did not meet, with the factor. */
function missed(chapters) {
  const rows = chapters.flatMap(({ rows }) => rows).filter(({ promise, met }) => promise && !met);
  if (rows.length === 0) return "Every promise was met.";
  const list = rows.map(
    ({ title, value, unit, promise }) => `- ${title}: ${figure(value)} ${unit}, promised ${promise}`,
  );
  return [
    "Promised, and missed in this run:",
    list.join("\n"),
    "What stands in the way of the bytes is told in [size.md](size.md).",
  ].join("\n\n");
}

/** Writes the document. `machine`: lines that say where and with what it was measured. */
export async function writeDocument(docs, machine, { chapters }) {
  const pictures = chapters.flatMap(({ pictures }) => pictures);
  await mkdir(join(docs, "benchmarks"), { recursive: true });
  for (const { file, title, bars, unit } of pictures)
    await writeFile(join(docs, "benchmarks", file), svg(title, bars, unit));
  const parts = [
    "# Benchmarks",
    "Written by `npm run bench`, which measures the machine that it runs on and judges nothing. Run it yourself: every figure below comes out of it, none was typed.",
    machine.map((line) => `- ${line}`).join("\n"),
    missed(chapters),
    ...chapters.map(chapter),
  ];
  await writeFile(join(docs, "benchmarks.md"), `${parts.join("\n\n")}\n`);
}
