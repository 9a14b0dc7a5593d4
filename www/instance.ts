/**
 * An instance of FullStack's module, for one client: texts into its memory and out of it, and answers to what it asks.
 *
 * wasm-bindgen writes the module's side of this. It would write this side, too, but twice as long, for it has to serve any
 * module; here only numbers, flags and texts cross. A text is an address and a length in bytes. What answers the module with a
 * text writes both to an address, 0 and anything for none. Nothing is freed: what a call has used the next call uses again, and
 * what the client needs goes with the instance.
 */
import { lower, parseInteger, test, trim, valueText } from "../src/fullstack/host.js";
import type { Engine, Storage } from "./fullstack.js";

interface Exports {
  memory: WebAssembly.Memory;
  malloc(size: number, align: number): number;
  launch(settings: number, size: number, options: number, size2: number, stored: boolean): number;
  ask(client: number, what: number, kind: number, ...textsAndMoment: number[]): [at: number, size: number];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** `storage` is what the client is lent. */
export const instance = (module: WebAssembly.Module, storage: Storage | undefined): Engine => {
  /** Of the text that was put last. */
  let size = 0;

  const bytes = () => {
    // Memory that grew is at another place.
    if (memory.length === 0) memory = new Uint8Array(wasm.memory.buffer);
    return memory;
  };

  const take = (at: number, size: number) => decoder.decode(bytes().subarray(at >>> 0, (at >>> 0) + size));

  /** The address of a text that the module gets. */
  const put = (text: string): number => {
    size = text.length;
    const at = wasm.malloc(size, 1) >>> 0;
    const into = bytes();
    for (let index = 0; index < size; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 127) return putBytes(encoder.encode(text));
      into[at + index] = unit;
    }
    return at;
  };

  const putBytes = (text: Uint8Array): number => {
    size = text.length;
    const at = wasm.malloc(size, 1) >>> 0;
    bytes().set(text, at);
    return at;
  };

  const answer = (place: number, text: string | undefined) => {
    const at = text === undefined ? 0 : put(text);
    const view = new DataView(wasm.memory.buffer, place >>> 0);
    view.setInt32(0, at, true);
    view.setInt32(4, size, true);
  };

  const numberOf = (answer: (text: string) => number) => (at: number, size: number) => answer(take(at, size));
  const textOf = (of: (text: string) => string | undefined) => (place: number, at: number, size: number) =>
    answer(place, of(take(at, size)));

  const host = {
    parseFloat: numberOf(parseFloat),
    parseInteger: numberOf(parseInteger),
    Number: numberOf(Number),
    String: (place: number, number: number) => answer(place, String(number)),
    lower: textOf(lower),
    trim: textOf(trim),
    valueText: textOf(valueText),
    test: (pattern: number, patternSize: number, text: number, textSize: number) =>
      test(take(pattern, patternSize), take(text, textSize)),
    get: (place: number, user: number, userSize: number, key: number, keySize: number) =>
      answer(place, storage?.get(take(user, userSize), take(key, keySize))),
    set: (record: number, recordSize: number) => storage?.set(take(record, recordSize)),
  };

  const wasm = new WebAssembly.Instance(module, { host }).exports as unknown as Exports;
  let memory = new Uint8Array(wasm.memory.buffer);
  /** Where the client lies in it. */
  let client: number;

  return {
    launch(settings, options) {
      client = wasm.launch(put(settings), size, put(options), size, !!storage);
    },
    ask(what, kind, campaigns, userId, goal, options, now, random) {
      // biome-ignore format: a text is two arguments
      const [at, length] = wasm.ask(
        client, what, kind,
        put(campaigns), size, put(userId), size, put(goal), size, put(options), size,
        now, random,
      );
      return take(at, length);
    },
  };
};
