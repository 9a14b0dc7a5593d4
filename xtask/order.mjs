// The functions of a module in an order in which those that are alike stand side by side.
//
// Where a compressor finds again what it has seen before it writes how far back that was, and near costs fewer bits than far.
// Where a function stands matters to nobody but to who calls it by its number.

import { reader, sectionsOf } from "./module.mjs";

const [IMPORT, FUNCTION, GLOBAL, EXPORT, START, ELEMENT, CODE] = [2, 3, 6, 7, 8, 9, 10];
const CALL = 0x10;

/** So many instructions one after the other are something to be found again: of 2 to 5 it hardly matters which, more find less. */
const RUN = 3;

/** The module with its functions in that order. Throws for what it does not know: nothing may be called by a wrong number. */
export function ordered(module) {
  const sections = sectionsOf(module);
  const content = (id) => sections.find((section) => section.id === id)?.content ?? Buffer.of(0);
  expectNoFunctions(reader(content(GLOBAL)));
  const imported = importedFunctions(reader(content(IMPORT)));
  const types = list(reader(content(FUNCTION)), (from) => from.number());
  const bodies = list(reader(content(CODE)), (from) => bodyOf(from.bytes(from.number())));
  const order = sideBySide(bodies.map(({ runs }) => runs));
  const places = new Map(order.map((old, place) => [old + imported, place + imported]));
  const called = (index) => numberBytes(places.get(index) ?? index);
  const rewrite = {
    [FUNCTION]: () => [numberBytes(types.length), ...order.map((old) => numberBytes(types[old]))],
    [EXPORT]: (from) => entries(from, (entry) => exportOf(entry, called)),
    [START]: (from) => [called(from.number())],
    [ELEMENT]: (from) => entries(from, (entry) => elementsOf(entry, called)),
    [CODE]: () => [numberBytes(bodies.length), ...order.map((old) => sized(bodies[old].pieces.map(written(called))))],
  };
  return Buffer.concat([
    module.subarray(0, 8),
    ...sections.map(({ id, content }) =>
      Buffer.concat([Buffer.of(id), sized(rewrite[id] ? rewrite[id](reader(content)) : [content])]),
    ),
  ]);
}

const written = (called) => (piece) => (typeof piece === "number" ? called(piece) : piece);

/** Each function behind the one it is most like: the two before it count, the nearer one twice. */
function sideBySide(all) {
  const left = new Set(all.keys());
  const order = [];
  for (let next = 0; next !== undefined; ) {
    left.delete(next);
    order.push(next);
    const [last, before] = [all[order.at(-1)], all[order.at(-2)] ?? new Set()];
    let most = -1;
    next = undefined;
    for (const index of left) {
      const likeness = alike(last, all[index]) + alike(before, all[index]) / 2;
      if (likeness > most) [most, next] = [likeness, index];
    }
  }
  return order;
}

/** What share of their runs two functions have in common. */
function alike(one, other) {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const run of few) if (many.has(run)) common++;
  return common / Math.sqrt(1 + few.size * many.size);
}

/** A body in pieces, the numbers of functions apart, and the runs of instructions in it. */
function bodyOf(body) {
  const from = reader(body);
  const pieces = [];
  const instructions = [];
  for (let kinds = from.number(); kinds > 0; kinds--) {
    from.number();
    from.bytes(1);
  }
  let start = 0;
  while (!from.isOver()) {
    const at = from.at();
    const [instruction] = from.bytes(1);
    if (instruction === CALL) {
      pieces.push(body.subarray(start, from.at()));
      pieces.push(from.number());
      start = from.at();
    } else operands(instruction, from);
    // Which local it is, or which function, tells little.
    const isNumbered = instruction === CALL || (instruction >= 0x20 && instruction <= 0x22);
    instructions.push(isNumbered ? String(instruction) : body.toString("hex", at, from.at()));
  }
  pieces.push(body.subarray(start));
  const runs = new Set();
  for (let end = RUN; end <= instructions.length; end++) runs.add(instructions.slice(end - RUN, end).join(" "));
  return { pieces, runs };
}

/** Reads the operands of every instruction but a call. */
function operands(instruction, from) {
  const is = (...those) => those.includes(instruction);
  if (is(0x02, 0x03, 0x04, 0x0c, 0x0d, 0x3f, 0x40, 0x41, 0x42, 0xd0)) from.number();
  else if (instruction >= 0x20 && instruction <= 0x26) from.number();
  else if (is(0x11) || (instruction >= 0x28 && instruction <= 0x3e)) from.numbers(2);
  else if (is(0x0e)) from.numbers(from.number() + 1);
  else if (is(0x1c)) from.numbers(from.number());
  else if (is(0x43)) from.bytes(4);
  else if (is(0x44)) from.bytes(8);
  else if (is(0xfc)) {
    const which = from.number();
    if (which > 17) throw new Error(`There is no order for the instruction 0xfc ${which}.`);
    from.numbers([8, 10, 12, 14].includes(which) ? 2 : which > 7 ? 1 : 0);
  } else if (instruction > 0xc4 || is(0x06, 0x07, 0x08, 0x09, 0x12, 0x13, 0x18, 0x19))
    throw new Error(`There is no order for the instruction 0x${instruction.toString(16)}.`);
}

function exportOf(from, called) {
  const name = sized([from.bytes(from.number())]);
  const [kind] = from.bytes(1);
  const index = from.number();
  return [name, Buffer.of(kind), kind === 0 ? called(index) : numberBytes(index)];
}

/** A table's functions, from a constant place on: the one form in which the compiler writes them. */
function elementsOf(from, called) {
  const [form, constant] = from.bytes(2);
  const place = from.number();
  const [end] = from.bytes(1);
  if (form !== 0 || constant !== 0x41 || end !== 0x0b) throw new Error("There is no order for such elements.");
  return [
    Buffer.of(form, constant),
    numberBytes(place),
    Buffer.of(end),
    ...entries(from, (entry) => [called(entry.number())]),
  ];
}

/** A global may begin as a reference to a function; those that the compiler writes are numbers. */
function expectNoFunctions(from) {
  list(from, () => {
    const [, , constant] = from.bytes(3);
    if (constant !== 0x41 && constant !== 0x42) throw new Error("There is no order for such globals.");
    from.number();
    from.bytes(1);
  });
}

function importedFunctions(from) {
  const limits = () => from.numbers(from.number() & 1 ? 2 : 1);
  const kinds = list(from, () => {
    from.bytes(from.number());
    from.bytes(from.number());
    const [kind] = from.bytes(1);
    if (kind === 0) from.number();
    else if (kind === 2) limits();
    else if (kind === 3) from.bytes(2);
    else throw new Error(`There is no order for imports of kind ${kind}.`);
    return kind;
  });
  return kinds.filter((kind) => kind === 0).length;
}

/** What is read of each entry of a list. */
const list = (from, read) => Array.from({ length: from.number() }, () => read(from));

/** A list, each of its entries written anew. */
const entries = (from, rewrite) => {
  const all = list(from, rewrite);
  return [numberBytes(all.length), ...all.flat()];
};

const sized = (parts) => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([numberBytes(bytes.length), bytes]);
};

function numberBytes(number) {
  const bytes = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.of(...bytes, rest);
}
