// npm start: set up, build, tell the story in the terminal, serve the demo.
import { build } from "./build.mjs";
import { bold, cyan, dim, main } from "./run.mjs";
import { serve } from "./serve.mjs";
import { setUp } from "./setup.mjs";
import { story } from "./story.mjs";

/** The demo on PORT, or on the next free port above. */
async function serveDemo(first = Number(process.env.PORT || 4173)) {
  for (let port = first; ; port++) {
    try {
      return await serve({ port });
    } catch (error) {
      if (error.code !== "EADDRINUSE" || port === first + 50) throw error;
    }
  }
}

await main(import.meta.url, async () => {
  console.log(dim("The first time, this takes two minutes or three: Rust and npm packages are fetched and compiled."));
  await setUp();
  await build();
  await story();
  const { url } = await serveDemo();
  console.log(`\n${bold("The demo is at")} ${cyan(url)} ${dim("Ctrl+C ends it.")}`);
});
