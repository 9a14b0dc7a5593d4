/**
 * A module that travels as text, see xtask/pack.mjs: all instructions, then the numbers of all locals, then all offsets, and so
 * on. A compressor finds more in that than in instructions with their operands between.
 */

/** Loads' and stores' own alignments, from `i32.load` on. */
const ALIGNMENTS = "23230011001122232301012";

// What stands together, in this order; the text begins with how many of each.
const BEFORE = 0;
const AFTER = 1;
const BODIES = 2;
const INSTRUCTIONS = 3;
const BLOCKS = 4;
const BRANCHES = 5;
const CALLS = 6;
const LOCALS = 7;
const GLOBALS = 8;
const ALIGNED = 9;
const OFFSETS = 10;
const INTEGERS = 11;
const ADDRESSES = 12;
const BYTES = 13;

/** Where the operands of instructions stand that have one, or two of a kind; 9 and more are no such thing. */
const OPERANDS: Record<number, number> = {
  2: BLOCKS,
  3: BLOCKS,
  4: BLOCKS,
  12: BRANCHES,
  13: BRANCHES,
  16: CALLS,
  17: CALLS,
  32: LOCALS,
  33: LOCALS,
  34: LOCALS,
  35: GLOBALS,
  36: GLOBALS,
};

export function unpack(packed: string): Uint8Array<ArrayBuffer> {
  const number = (at: number) => packed.charCodeAt(at) - 35;
  const next = [14];
  for (let stream = BEFORE; stream < BYTES; stream++) next.push(next[stream] + number(stream));
  const take = (stream: number) => {
    const at = next[stream];
    next[stream] = at + 1;
    return number(at);
  };

  /** What is being written: a function, or the section of all functions. */
  let out: number[] = [];
  const copy = (stream: number, count: number) => {
    while (count-- > 0) out.push(take(stream));
  };
  /** A number, seven bits a byte. */
  const write = (value: number) => {
    for (; value > 127; value >>>= 7) out.push((value & 127) | 128);
    out.push(value);
  };
  /** One that may be negative: the last byte holds six bits and the sign. */
  const writeSigned = (value: number) => {
    for (; value > 63 || value < -64; value >>= 7) out.push((value & 127) | 128);
    out.push(value & 127);
  };
  /** A constant too large to travel as a character. */
  const copyConstant = () => {
    do copy(BYTES, 1);
    while ((out.at(-1) as number) > 127);
  };

  const instruction = (code: number) => {
    // Those that are none, then loads and stores, then what is as it was.
    const load = code > 0xd2 ? code - 0xd3 : code - 0x28;
    if (code === 0xea) {
      out.push(0x41);
      return writeSigned(take(ADDRESSES) + 0x100000);
    }
    if (code === 0xeb) {
      out.push(0x41);
      return copyConstant();
    }
    if (ALIGNMENTS[load]) {
      out.push(load + 0x28, code > 0xd2 ? take(ALIGNED) : +ALIGNMENTS[load]);
      const offset = take(OFFSETS);
      // From 0x8000 on it is an address: data begins at 0x100000.
      return write(offset < 0x8000 ? offset : offset + 0xf8000);
    }
    out.push(code);
    const stream = OPERANDS[code];
    if (stream) write(take(stream));
    if (code === 0x11) write(take(stream));
    else if (code === 0x0e) {
      let targets = take(BRANCHES);
      for (write(targets); targets >= 0; targets--) write(take(BRANCHES));
    } else if (code === 0x41) {
      const value = take(INTEGERS);
      writeSigned(value & 1 ? ~(value >> 1) : value >> 1);
    } else if (code === 0x42) copyConstant();
    else if (code === 0x44) copy(BYTES, 8);
    else if (code === 0x3f || code === 0x40) copy(BYTES, 1);
    else if (code === 0xfc) {
      copy(BYTES, 1);
      // memory.copy and memory.fill name their memories.
      copy(BYTES, { 10: 2, 11: 1 }[out.at(-1) as number] ?? 0);
    }
  };

  const section: number[] = [];
  let functions = take(BODIES);
  out = section;
  write(functions);
  for (; functions > 0; functions--) {
    out = [];
    let kinds = take(BODIES);
    for (write(kinds); kinds > 0; kinds--) {
      write(take(BODIES));
      copy(BODIES, 1);
    }
    for (let depth = 1; depth > 0; ) {
      const code = take(INSTRUCTIONS);
      instruction(code);
      depth += code === 0x0b ? -1 : OPERANDS[code] === BLOCKS ? 1 : 0;
    }
    const body = out;
    out = section;
    write(body.length);
    out.push(...body);
  }
  out = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  copy(BEFORE, number(BEFORE));
  out.push(10);
  write(section.length);
  out = out.concat(section);
  copy(AFTER, number(AFTER));
  return Uint8Array.from(out);
}
