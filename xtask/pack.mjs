// A module as text for www/unpack.ts: what is alike stands side by side.
//
// In a module each instruction has its operands behind it. A compressor looks for what it has seen before, and where
// instructions repeat their operands seldom do; so all instructions come first here, then the numbers of all locals, then all
// offsets, and so on. A number is a character: most are small, and take one byte.

import {
  ADDRESS,
  ADDRESSES,
  AFTER,
  ALIGNED,
  BEFORE,
  BODIES,
  BRANCHES,
  BYTES,
  CALLS,
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
} from "../www/packing.js";
import { sectionsOf } from "./module.mjs";

const CODE = 10;

/** The largest number: behind its character come halves of characters. */
const MOST = 0xd7ff - FIRST;

/** The text of a module. Throws for what www/unpack.ts could not put together again. */
export function pack(module) {
  const streams = Array.from({ length: STREAMS }, () => []);
  const put = (stream, ...numbers) => streams[stream].push(...numbers);
  let at = 8;
  const copy = (stream, count) => {
    put(stream, ...module.subarray(at, at + count));
    at += count;
  };
  /** The next number, and how many bytes it has. */
  const peek = (signed = false) => {
    let [value, count] = [0, 0];
    let byte;
    do {
      byte = module[at + count];
      value += (byte & 127) * 2 ** (7 * count++);
    } while (byte > 127);
    return [signed && byte & 64 ? value - 2 ** (7 * count) : value, count];
  };
  const number = () => {
    const [value, count] = peek();
    at += count;
    return value;
  };
  const operand = (stream) => put(stream, number());

  const code = sectionsOf(module).find(({ id }) => id === CODE);
  put(BEFORE, ...module.subarray(8, code.start));
  put(AFTER, ...module.subarray(code.end));
  at = code.end - code.content.length;
  const functions = number();
  put(BODIES, functions);
  for (let index = 0; index < functions; index++) {
    const size = number();
    const end = at + size;
    let kinds = peek()[0];
    for (operand(BODIES); kinds > 0; kinds--) {
      operand(BODIES);
      copy(BODIES, 1);
    }
    while (at < end) {
      const instruction = module[at++];
      if (instruction >= LOAD && instruction < LOAD + OWN_ALIGNMENTS.length) {
        const isOwn = module[at] === Number(OWN_ALIGNMENTS[instruction - LOAD]);
        put(INSTRUCTIONS, isOwn ? instruction : instruction - LOAD + UNALIGNED);
        if (isOwn) at++;
        else copy(ALIGNED, 1);
        const offset = number();
        put(OFFSETS, offset < DATA ? offset : offset - DATA + FAR);
      } else if (instruction === 0x41) {
        const [value, count] = peek(true);
        const isAddress = value >= DATA && value - DATA <= MOST;
        const isSmall = Math.abs(value) < MOST / 2;
        put(INSTRUCTIONS, isAddress ? ADDRESS : isSmall ? instruction : LARGE);
        if (isAddress) put(ADDRESSES, value - DATA);
        else if (isSmall) put(INTEGERS, value < 0 ? -2 * value - 1 : 2 * value);
        else put(BYTES, ...module.subarray(at, at + count));
        at += count;
      } else {
        put(INSTRUCTIONS, instruction);
        operands(instruction, { operand, copy, peek });
      }
    }
  }
  return text([...streams.map(({ length }) => length), ...streams.flat()]);
}

/** The operands of every other instruction. */
function operands(instruction, { operand, copy, peek }) {
  const stream = OPERANDS[instruction];
  if (stream !== undefined) {
    operand(stream);
    if (instruction === 0x11) operand(CALLS); // its table
  } else if (instruction === 0x0e) {
    const targets = peek()[0];
    for (let index = -2; index < targets; index++) operand(BRANCHES);
  } else if (instruction === 0x42) copy(BYTES, peek()[1]);
  else if (instruction === 0x44) copy(BYTES, 8);
  else if (instruction === 0x3f || instruction === 0x40) copy(BYTES, 1);
  else if (instruction === 0xfc) {
    const [which] = peek();
    if (which > 7 && which !== 10 && which !== 11)
      throw new Error(`There is no packing for the instruction 0xfc ${which}.`);
    copy(BYTES, which === 10 ? 3 : which === 11 ? 2 : 1);
  } else if (!isPlain(instruction))
    throw new Error(`There is no packing for the instruction 0x${instruction.toString(16)}.`);
}

/** Has the instruction no operands? Exceptions and tail calls, for instance, have some. */
const isPlain = (instruction) =>
  instruction < 0x02 ||
  [0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(instruction) ||
  (instruction > 0x44 && instruction < 0xc5);

function text(numbers) {
  if (numbers.some((number) => number > MOST)) throw new Error("The module is too large to be packed.");
  return numbers.map((number) => String.fromCharCode(number + FIRST)).join("");
}
