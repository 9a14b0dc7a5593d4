// The library at work, told in the terminal: cookies in, token, requests out. Every line below a heading is what the
// built package answered just now; nothing is sent.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bold, cyan, dim, green, main, project } from "./run.mjs";
import { accounts, conversion, page } from "./sample.mjs";

const heading = (text) => console.log(`\n${bold(text)}`);
const line = (text = "") => console.log(text && `  ${text}`);

/** Tells the story. Throws if a platform got no request: then there is none to tell. */
export async function story() {
  const { capture, stash, conversionRequests } = await import(pathToFileURL(join(project, "dist", "index.js")).href);

  heading("1. A visitor looks at a page. Four A/B-testing platforms leave their cookies:");
  for (const cookie of page.cookie.split("; ")) line(dim(cookie));
  line(dim(`and ${Object.keys(page.storage).length} entries in localStorage`));

  const visitor = capture(page);
  heading("2. capture() reads them all:");
  for (const [name, value] of Object.entries(visitor)) line(`${green(name)} ${JSON.stringify(value)}`);

  const token = stash(visitor);
  heading(`3. stash() makes a token of ${token.length} characters, for a form field or a call tracker:`);
  line(cyan(token));

  heading(
    `4. Days later the phone rings: ${conversion.id}, ${conversion.revenue}. conversionRequests() tells every platform:`,
  );
  const plan = conversionRequests(token, conversion, accounts);
  for (const { platform, method, url, headers, body, repeat } of plan.requests) {
    line(`${green(platform)} ${dim(`(a repeat is: ${repeat})`)}`);
    line(`  ${method} ${url}`);
    for (const [name, value] of Object.entries(headers)) line(`  ${name}: ${value}`);
    if (body) line(`  ${dim(body)}`);
    line();
  }
  for (const { platform, code, message } of [...plan.skipped, ...plan.warnings])
    line(dim(`${platform}, ${code}: ${message}`));

  const missing = Object.keys(accounts).filter((name) => !plan.requests.some(({ platform }) => platform === name));
  if (missing.length > 0) throw new Error(`The story lacks a request to ${missing.join(", ")}.`);
}

await main(import.meta.url, story);
