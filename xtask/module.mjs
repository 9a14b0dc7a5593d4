// Reading a WebAssembly module's bytes: its sections, and numbers as it writes them.

/** Its sections in order: what each holds, and where it begins and ends. */
export function sectionsOf(module) {
  const from = reader(module);
  from.bytes(8);
  const sections = [];
  while (!from.isOver()) {
    const start = from.at();
    const [id] = from.bytes(1);
    sections.push({ id, start, content: from.bytes(from.number()), end: from.at() });
  }
  return sections;
}

/** Reads bytes from the first on. */
export function reader(bytes) {
  let at = 0;
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte > 127);
    return value;
  };
  return {
    number,
    numbers(count) {
      for (let index = 0; index < count; index++) number();
    },
    bytes(count) {
      at += count;
      return bytes.subarray(at - count, at);
    },
    at: () => at,
    isOver: () => at >= bytes.length,
  };
}
