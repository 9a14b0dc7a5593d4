// A second reader of tokens, written from docs/token.md and from nothing else: if the document left something out, or said
// it wrong, this reader could not agree with the library. It notes every field that it reads, for the document's example.
import { crc32 } from "node:zlib";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MALFORMED = "malformed-stash";

const check = (good, code = MALFORMED) => {
  if (!good) throw Object.assign(new Error(code), { code });
};

const isText = (text, limit) =>
  text.length > 0 && text.length <= limit && [...text].every((letter) => letter >= " " && letter !== "\x7f");
const bigEndian = (bytes) => bytes.reduce((number, byte) => number * 256 + byte, 0);

/** The characters behind the letter, as bytes. */
function base64url(text) {
  let bits = "";
  for (const character of text) {
    check(ALPHABET.includes(character));
    bits += ALPHABET.indexOf(character).toString(2).padStart(6, "0");
  }
  const whole = bits.length - (bits.length % 8);
  if (bits.length - whole >= 6 || bits.slice(whole).includes("1"))
    check(false, isCutOff(text) ? "truncated-stash" : MALFORMED);
  return Uint8Array.from(bits.slice(0, whole).match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** A token that ends inside a group of four characters: do the whole groups say that more should come? */
function isCutOff(text) {
  try {
    open(base64url(text.slice(0, text.length - (text.length % 4))));
  } catch ({ code }) {
    return code === "truncated-stash";
  }
  return false;
}

/** A length and where what it is of begins. */
function length(bytes, at) {
  let value = 0;
  for (const shift of [0, 7, 14, 21]) {
    const byte = bytes[at++];
    check(byte !== undefined, "truncated-stash");
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      check(byte !== 0 || shift === 0);
      return [value, at];
    }
  }
  check(false);
}

/** The sections of one token, as [tag, value], and its checksum. */
function open(bytes) {
  check(bytes.length > 0, "truncated-stash");
  check(bytes[0] === 1, "unknown-version");
  const [size, start] = length(bytes, 1);
  const end = start + size;
  check(bytes.length >= end + 4, "truncated-stash");
  check(bytes.length === end + 4);
  check(crc32(bytes.subarray(0, end)) === bigEndian(bytes.subarray(end)));
  const sections = [];
  for (let at = start; at < end; ) {
    const tag = bytes[at];
    const [size, from] = length(bytes, at + 1);
    at = from + size;
    check(at <= end);
    check(sections.every(([before]) => before < tag));
    sections.push([tag, bytes.subarray(from, at)]);
  }
  return sections;
}

/** The bytes of a whole token, out of its parts. */
function join(parts) {
  const pieces = parts.map((value) => {
    check(value.length >= 8);
    return {
      checksum: [...value.subarray(0, 4)],
      index: bigEndian(value.subarray(4, 6)),
      count: bigEndian(value.subarray(6, 8)),
      content: value.subarray(8),
    };
  });
  const [{ count, checksum }] = pieces;
  check(
    pieces.every((piece) => piece.count === count && `${piece.checksum}` === `${checksum}`),
    "mixed-parts",
  );
  const bytes = [];
  for (let index = 0; index < count; index++) {
    const own = pieces.filter((piece) => piece.index === index);
    check(own.length > 0, "missing-part");
    check(own.length === 1, "mixed-parts");
    bytes.push(...own[0].content);
  }
  return Uint8Array.from([...bytes, ...checksum]);
}

class Fields {
  constructor(bytes, note) {
    this.bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    this.at = 0;
    this.note = note;
    /** The keys of the map before. */
    this.keys = [];
  }

  /** Reads a field and notes which bits it took. */
  field(name, read) {
    const from = this.at;
    const value = read();
    this.note({ bits: this.bits.slice(from, this.at), name, value });
    return value;
  }

  raw(width) {
    check(this.at + width <= this.bits.length);
    this.at += width;
    return width && BigInt(`0b${this.bits.slice(this.at - width, this.at)}`);
  }

  gamma() {
    let zeros = 0;
    while (this.raw(1) === 0n) zeros += 1;
    check(zeros <= 62);
    return Number((1n << BigInt(zeros)) + BigInt(this.raw(zeros)) - 1n);
  }

  number() {
    const width = Number(this.raw(6));
    return width === 0 ? 0n : (1n << BigInt(width - 1)) + BigInt(this.raw(width - 1));
  }

  count(name) {
    const count = this.field(name, () => this.gamma());
    check(count <= this.bits.length - this.at);
    return count;
  }

  bit(name) {
    return this.field(name, () => Number(this.raw(1))) === 1;
  }

  optional(name, read) {
    return this.bit(`${name}: is there one?`) ? read(name) : undefined;
  }

  id(name) {
    return String(this.field(name, () => this.number()));
  }

  ids(name, count) {
    if (count === 0) return [];
    const width = Number(this.field(`${name}: bits each`, () => Number(this.raw(6))));
    return Array.from({ length: count }, () => String(this.field(name, () => this.raw(width))));
  }

  lists(name, count) {
    if (count === 0) return [];
    const single = this.bit(`${name}: one each?`);
    const lengths = Array.from({ length: count }, () => (single ? 1 : this.count(`${name}: how many`)));
    const ids = this.ids(
      name,
      lengths.reduce((sum, length) => sum + length, 0),
    );
    return lengths.map((length) => ids.splice(0, length));
  }

  /** A map from ids to lists of ids. */
  map(name, [key, value]) {
    if (!this.bit(`${name}: the same as before?`)) this.keys = this.list(name, key);
    const lists = this.lists(value, this.keys.length);
    return Object.fromEntries(this.keys.map((key, index) => [key, lists[index]]));
  }

  /** A list of ids behind its length. */
  list(name, each) {
    return this.ids(each, this.count(`${name}: how many`));
  }

  text(name) {
    const form = Number(this.field(`${name}: form`, () => Number(this.raw(3))));
    const forms = [
      () => {
        const count = this.count(`${name}: bytes`);
        const bytes = Array.from({ length: count }, () => Number(this.raw(8)));
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
      },
      () => {
        let text = "";
        for (let left = this.count(`${name}: letters`); left > 0; ) {
          const letters = Math.min(left, 3);
          left -= letters;
          const group = this.field(`${name}: ${letters} of them`, () => {
            const value = Number(this.raw([0, 6, 11, 16][letters]))
              .toString(36)
              .padStart(letters, "0");
            check(value.length === letters);
            return value;
          });
          text += group;
        }
        return text;
      },
      () => this.id(name),
      () => `oeu${this.random(name, "r0.")}`,
      () => this.random(name, "-0."),
      () => `D${this.hex(name)}`,
      () => `J${this.hex(name)}`,
      () => this.hex(name),
    ];
    return forms[form]();
  }

  random(name, point) {
    const ms = this.field(`${name}: thirteen digits`, () => this.raw(41));
    const zeros = this.count(`${name}: zeros behind the point`);
    check(zeros <= 6);
    return `${ms}${point}${"0".repeat(zeros)}${this.field(`${name}: digits after them`, () => this.number())}`;
  }

  hex(name) {
    const value = this.field(name, () => this.raw(128));
    return value.toString(16).toUpperCase().padStart(32, "0");
  }

  end() {
    const spare = this.bits.length - this.at;
    check(spare < 8);
    check(Number(this.field("spare bits", () => this.raw(spare))) === 0);
  }
}

/** Only what is there. */
const present = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
const mapValues = (map, change) => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
const single = (list) => {
  check(list.length === 1);
  return list[0];
};
const several = (list) => {
  check(list.length > 0);
  return list;
};
const optionalId = (fields) => (name) => fields.id(name);
const optionalText = (fields) => (name) => fields.text(name);

const readers = {
  1(fields, context) {
    context.capturedAt = Number(fields.field("day", () => fields.number())) * 86_400_000;
  },

  2(fields, context) {
    const endUserId = fields.optional("end user id", optionalText(fields));
    check(endUserId === undefined || isText(endUserId, 512));
    const userId = fields.optional("user id", optionalText(fields));
    check(userId === undefined || isText(userId, 512));
    const accountId = fields.optional("account", optionalId(fields));
    const projectId = fields.optional("project", optionalId(fields));
    const experiments = fields.map("experiments", ["experiment", "variation"]);
    const segmentIds = fields.list("segments", "segment");
    const segments = Object.fromEntries(segmentIds.map((id) => [id, fields.text("segment's value")]));
    context.optimizely = present({
      endUserId,
      userId,
      accountId,
      projectId,
      experiments: mapValues(experiments, (ids) => several(ids).join("_")),
      segments,
    });
  },

  3(fields, context) {
    const uuid = fields.optional("uuid", optionalText(fields));
    check(uuid === undefined || /^([DJ])?[0-9A-Fa-f]{32}$/.test(uuid));
    const accountId = fields.optional("account", optionalId(fields));
    const campaigns = mapValues(fields.map("campaigns", ["campaign", "variation"]), several);
    const session = fields.optional("session", optionalId(fields));
    context.vwo = present({ uuid, accountId, campaigns, sessionId: session && Number(session) });
  },

  4(fields, context) {
    const visitorCode = fields.optional("visitor code", optionalText(fields));
    check(visitorCode === undefined || isText(visitorCode, 255));
    const siteCode = fields.optional("site code", optionalText(fields));
    check(siteCode === undefined || /^[A-Za-z0-9_-]{1,64}$/.test(siteCode));
    const experiments = mapValues(fields.map("experiments", ["experiment", "variation"]), single);
    context.kameleoon = present({ visitorCode, siteCode, experiments });
  },

  5(fields, context) {
    const visitorId = fields.optional("visitor id", optionalText(fields));
    check(visitorId === undefined || (isText(visitorId, 512) && visitorId !== "1"));
    const accountId = fields.optional("account", optionalId(fields));
    const projectId = fields.optional("project", optionalId(fields));
    const experiences = mapValues(fields.map("experiences", ["experience", "variation"]), single);
    const goals = fields.map("goals", ["experience", "goal"]);
    const segments = fields.list("segments", "segment");
    context.convert = present({ visitorId, accountId, projectId, experiences, goals, segments });
  },

  6(fields, context) {
    check(context.optimizely);
    context.optimizely.decisions = Array.from({ length: fields.count("decisions: how many") }, () => ({
      campaignId: fields.id("campaign"),
      experimentId: fields.optional("experiment", optionalId(fields)) ?? null,
      variationId: fields.optional("variation", optionalId(fields)) ?? null,
      isCampaignHoldback: fields.bit("held back?"),
    }));
  },

  7(fields, context) {
    const count = fields.count("call trackers: how many");
    const trackers = Array.from({ length: count }, () => [fields.text("tracker"), fields.text("its id")]);
    check(trackers.every(([name], index) => index === 0 || trackers[index - 1][0] < name));
    context.callTrackers = Object.fromEntries(trackers);
  },
};

/**
 * The context of a token or of its parts. Throws an error with a `code`. `note` is told of every field.
 * It does not write the token again to see whether it was in the canonical form.
 */
export function readToken(tokens, note = () => {}) {
  const opened = [tokens].flat().map((token) => {
    check(token.startsWith("A"));
    return open(base64url(token.slice(1)));
  });
  const isPart = (sections) => sections.length === 1 && sections[0][0] === 8;
  check(opened.length > 0);
  check(opened.every(isPart) || (opened.length === 1 && !opened[0].some(([tag]) => tag === 8)), "mixed-parts");
  const sections = isPart(opened[0]) ? open(join(opened.map(([[, value]]) => value))) : opened[0];
  const context = { capturedAt: 0, problems: [] };
  for (const [tag, value] of sections) {
    check(tag !== 8);
    if (readers[tag]) {
      const fields = new Fields(value, (field) => note({ tag, ...field }));
      readers[tag](fields, context);
      fields.end();
    } else {
      context.problems.push("unknown-section");
    }
  }
  check(sections.some(([tag]) => (tag >= 2 && tag <= 5) || !readers[tag]));
  return context;
}
