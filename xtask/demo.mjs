// What `npm start` shows once everything is built: the story, then the demo with its simulator, until somebody ends it.
import { simulate } from "./command.mjs";
import { bold, cyan, dim, main } from "./run.mjs";
import { serve } from "./serve.mjs";
import { story } from "./story.mjs";

/** `start` on this port, or on the next free one. */
async function onFreePort(first, start) {
  for (let port = first; ; port++) {
    try {
      return await start(port);
    } catch (error) {
      if (error.code !== "EADDRINUSE" || port === first + 50) throw error;
    }
  }
}

/** Resolves when somebody presses Ctrl+C, or the system asks to stop. A second time ends at once. */
const asked = () => new Promise((resolve) => ["SIGINT", "SIGTERM"].map((signal) => process.once(signal, resolve)));

export async function demo() {
  const first = Number(process.env.PORT || 4173);
  if (!Number.isInteger(first) || first < 0 || first > 65_535 - 50)
    throw new Error("PORT is the number of the port for the demo, such as 4173.");
  const simulator = await onFreePort(8788, (port) => simulate({ port }));
  try {
    const end = asked();
    await story(simulator);
    await simulator.reset(); // what the back office shows is its own
    const server = await onFreePort(first, (port) => serve({ port, simulator: simulator.url }));
    console.log(`\n${bold("The demo is at")} ${cyan(server.url)} ${dim("Ctrl+C ends it.")}`);
    console.log(dim(`Call the shop, then send the call from its back office: it arrives at ${simulator.url}.`));
    await end;
    await server.close();
    console.log("\nThe demo has ended.");
  } finally {
    await simulator.close();
  }
}

await main(import.meta.url, demo);
