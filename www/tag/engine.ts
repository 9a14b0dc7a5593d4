/**
 * What the core runs on: WebAssembly, or, where the page's policy forbids that, the same as plain JavaScript. That lies in a
 * file beside the script and comes a moment later; until then the tag stands, empty, with the problem `wasm-blocked`.
 * `data-engine` says which one runs; set to `js` beforehand it spares the policy's report of a violation.
 */
import { AftercallError, type Engine } from "../core.js";
import { startBytes } from "../engine.js";
import { fromHex } from "../hex.js";
import type { Check } from "./seams.js";
import type { Settings } from "./settings.js";

/** `loadTwin` is called once, where WebAssembly does not start; `replace` takes what it brought. */
export const createEngine = (settings: Settings, script: HTMLScriptElement | undefined, loadTwin: () => void) => {
  let running: Engine | undefined;
  let blocked = false;
  let message = "Nothing had to be read yet.";
  const run = (started: Engine, name: string, why: string) => {
    running = started;
    message = why;
    if (script) script.dataset.engine = name;
    return started;
  };
  return {
    start(): Engine {
      if (running) return running;
      // Each try would be one more violation in the site's policy reports.
      if (!blocked) {
        try {
          if (settings.engine !== "js") return run(startBytes(fromHex(__MODULE__)), "wasm", "WebAssembly.");
        } catch {
          // A policy without 'wasm-unsafe-eval', or a browser without WebAssembly.
        }
        blocked = true;
        message = "A policy forbids WebAssembly, and aftercall.nowasm.js is not there yet.";
        loadTwin();
      }
      throw new AftercallError("wasm-blocked", message);
    },
    replace(twin: Engine) {
      const hint = settings.engine ? "" : " To have WebAssembly, add 'wasm-unsafe-eval' to the policy's script-src.";
      run(twin, "js", `Plain JavaScript.${hint}`);
    },
    check: (): Check => ({ name: "engine", ok: !!running || !blocked, message }),
  };
};
