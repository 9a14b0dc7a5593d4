/**
 * A module that travels as text, see xtask/pack.mjs: all instructions, then the numbers of all locals, then all offsets, and so
 * on. A compressor finds more in that than in instructions with their operands between.
 */

import {
  ADDRESS,
  ADDRESSES,
  AFTER,
  ALIGNED,
  BEFORE,
  BLOCKS,
  BODIES,
  BRANCHES,
  BYTES,
  DATA,
  FAR,
  FIRST,
  INSTRUCTIONS,
  INTEGERS,
  LARGE,
  LOAD,
  OFFSETS,
  OPERANDS,
  OWN_ALIGNMENTS,
  STREAMS,
  UNALIGNED,
} from "./packing.js";

const operands: Record<number, number> = OPERANDS;

export function unpack(packed: string): Uint8Array<ArrayBuffer> {
  const number = (at: number) => packed.charCodeAt(at) - FIRST;
  const next: number[] = [STREAMS];
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
    const load = code >= UNALIGNED ? code - UNALIGNED : code - LOAD;
    if (code === ADDRESS) {
      out.push(0x41);
      return writeSigned(take(ADDRESSES) + DATA);
    }
    if (code === LARGE) {
      out.push(0x41);
      return copyConstant();
    }
    if (OWN_ALIGNMENTS[load]) {
      out.push(load + LOAD, code >= UNALIGNED ? take(ALIGNED) : +OWN_ALIGNMENTS[load]);
      const offset = take(OFFSETS);
      return write(offset < FAR ? offset : offset - FAR + DATA);
    }
    out.push(code);
    const stream = operands[code];
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
      depth += code === 0x0b ? -1 : operands[code] === BLOCKS ? 1 : 0;
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
