// npm start: set up, build, tell the story in the terminal, serve the demo.
import { build } from "./build.mjs";
import { compileCommand } from "./command.mjs";
import { demo } from "./demo.mjs";
import { dim, main, step } from "./run.mjs";
import { setUp } from "./setup.mjs";

await main(import.meta.url, async () => {
  console.log(dim("The first time, this takes some minutes: Rust and npm packages are fetched and compiled."));
  await setUp();
  // Beside the build, which mostly has one thing to do at a time.
  const failed = new AbortController();
  const command = compileCommand({ signal: failed.signal });
  command.catch(() => {}); // told in its step
  try {
    await build();
  } catch (error) {
    failed.abort();
    throw error;
  }
  await step("Compile the command", () => command);
  await demo();
});
