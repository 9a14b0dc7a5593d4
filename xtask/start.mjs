// npm start: set up, build, tell the story in the terminal, serve the demo.
import { build } from "./build.mjs";
import { compileCommand } from "./command.mjs";
import { demo } from "./demo.mjs";
import { dim, main, step } from "./run.mjs";
import { setUp } from "./setup.mjs";

await main(import.meta.url, async () => {
  console.log(dim("The first time, this takes two minutes or three: Rust and npm packages are fetched and compiled."));
  await setUp();
  await build();
  await step("Compile the command", compileCommand);
  await demo();
});
