// A module as text for www/unpack.ts: what is alike stands side by side.
//
// In a module each instruction has its operands behind it. A compressor looks for what it has seen before, and where
// instructions repeat their operands seldom do; so all instructions come first here, then the numbers of all locals, then all
// offsets, and so on. A number is a character: most are small, and take one byte.

/** What stands together, in this order. www/unpack.ts counts on it. */
const STREAMS = [
  ...["before", "after", "bodies", "instructions", "blocks", "branches", "calls", "locals", "globals"],
  ...["alignments", "offsets", "integers", "addresses", "bytes"],
];
const [LOAD, STORE] = [0x28, 0x3e];
/** Instructions that are none: a load or store with another alignment than its own, an address, a large constant. */
const [UNALIGNED, ADDRESS, LARGE] = [0xd3, 0xea, 0xeb];
/** Each load's and store's own alignment. */
const OWN = "23230011001122232301012";
/** Where the module's data begins: its addresses are counted from there. */
const DATA = 0x100000;
/** A number is the character so much further on: few of those have to be escaped. */
const FIRST = 35;
/** From here on offsets are addresses. */
const FAR = 0x8000;
/** Behind that come halves of characters. */
const MOST = 0xd7ff - FIRST;

/** The text of a module. Throws for what www/unpack.ts could not put together again. */
export function pack(module) {
  const streams = Object.fromEntries(STREAMS.map((name) => [name, []]));
  const put = (name, ...numbers) => streams[name].push(...numbers);
  let at = 8;
  const copy = (name, count) => {
    put(name, ...module.subarray(at, at + count));
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
  const operand = (name) => put(name, number());

  const code = sectionOf(module, 10);
  put("before", ...module.subarray(8, code.start));
  put("after", ...module.subarray(code.end));
  at = code.content;
  const functions = number();
  put("bodies", functions);
  for (let index = 0; index < functions; index++) {
    const size = number();
    const end = at + size;
    let kinds = peek()[0];
    for (operand("bodies"); kinds > 0; kinds--) {
      operand("bodies");
      copy("bodies", 1);
    }
    while (at < end) {
      const instruction = module[at++];
      if (instruction >= LOAD && instruction <= STORE) {
        const isOwn = module[at] === Number(OWN[instruction - LOAD]);
        put("instructions", isOwn ? instruction : instruction - LOAD + UNALIGNED);
        if (isOwn) at++;
        else copy("alignments", 1);
        const offset = number();
        put("offsets", offset < DATA ? offset : offset - DATA + FAR);
      } else if (instruction === 0x41) {
        const [value, count] = peek(true);
        const isAddress = value >= DATA && value - DATA <= MOST;
        const isSmall = Math.abs(value) < MOST / 2;
        put("instructions", isAddress ? ADDRESS : isSmall ? instruction : LARGE);
        if (isAddress) put("addresses", value - DATA);
        else if (isSmall) put("integers", value < 0 ? -2 * value - 1 : 2 * value);
        else put("bytes", ...module.subarray(at, at + count));
        at += count;
      } else {
        put("instructions", instruction);
        operands(instruction, { operand, copy, peek });
      }
    }
  }
  return text([...STREAMS.map((name) => streams[name].length), ...STREAMS.flatMap((name) => streams[name])]);
}

/** Where a section begins, its content, and where it ends. */
function sectionOf(module, wanted) {
  for (let start = 8; start < module.length; ) {
    let [at, size, shift] = [start + 1, 0, 0];
    do {
      size += (module[at] & 127) * 2 ** shift;
      shift += 7;
    } while (module[at++] > 127);
    if (module[start] === wanted) return { start, content: at, end: at + size };
    start = at + size;
  }
  throw new Error(`The module has no section ${wanted}.`);
}

/** The operands of every other instruction. */
function operands(instruction, { operand, copy, peek }) {
  if (instruction === 0x0e) {
    const targets = peek()[0];
    for (let index = -2; index < targets; index++) operand("branches");
  } else if (instruction >= 0x02 && instruction <= 0x04) operand("blocks");
  else if (instruction === 0x0c || instruction === 0x0d) operand("branches");
  else if (instruction === 0x10) operand("calls");
  else if (instruction === 0x11) {
    operand("calls");
    operand("calls");
  } else if (instruction >= 0x20 && instruction <= 0x22) operand("locals");
  else if (instruction === 0x23 || instruction === 0x24) operand("globals");
  else if (instruction === 0x42) copy("bytes", peek()[1]);
  else if (instruction === 0x44) copy("bytes", 8);
  else if (instruction === 0x3f || instruction === 0x40) copy("bytes", 1);
  else if (instruction === 0xfc) {
    const [which] = peek();
    if (which > 7 && which !== 10 && which !== 11)
      throw new Error(`There is no packing for the instruction 0xfc ${which}.`);
    copy("bytes", which === 10 ? 3 : which === 11 ? 2 : 1);
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
