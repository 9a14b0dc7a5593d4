/** Where WebAssembly starts, if it may. */
import { AftercallError, type Engine } from "./core.js";

/**
 * Starts an engine at the first call. What fails is blocked for good: each try would be one more violation in the
 * site's policy reports.
 */
export const once = (start: () => Engine) => {
  let started: Engine | undefined;
  let blocked: AftercallError | undefined;
  return () => {
    if (blocked) throw blocked;
    try {
      started ??= start();
      return started;
    } catch {
      blocked = new AftercallError("wasm-blocked", "A policy forbids WebAssembly here. Use aftercall/js.");
      throw blocked;
    }
  };
};
