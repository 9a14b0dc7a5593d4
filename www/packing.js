// How a module is packed as text: what xtask/pack.mjs, which writes it, and unpack.ts have to agree on. Plain JavaScript, for
// the build reads it as it is.

/** A number is the character so much further on: few of those have to be escaped. */
export const FIRST = 35;

// What stands together, in this order; the text begins with how many of each.
export const BEFORE = 0;
export const AFTER = 1;
export const BODIES = 2;
export const INSTRUCTIONS = 3;
export const BLOCKS = 4;
export const BRANCHES = 5;
export const CALLS = 6;
export const LOCALS = 7;
export const GLOBALS = 8;
export const ALIGNED = 9;
export const OFFSETS = 10;
export const INTEGERS = 11;
export const ADDRESSES = 12;
export const BYTES = 13;
/** How many streams that are. */
export const STREAMS = 14;

/** The first instruction that looks into memory, `i32.load`; and from it on the alignment that is each one's own. */
export const LOAD = 0x28;
export const OWN_ALIGNMENTS = "23230011001122232301012";

// Instructions that WebAssembly has not: the same with other alignments, an address, a constant too large for a character.
export const UNALIGNED = 0xd3;
export const ADDRESS = 0xea;
export const LARGE = 0xeb;

/** Where the module's data begins: addresses are counted from there. */
export const DATA = 0x100000;
/** Offsets from here on are addresses. */
export const FAR = 0x8000;

/** In which stream the operand of an instruction stands, where all that it has is numbers of one kind. */
export const OPERANDS = {
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
