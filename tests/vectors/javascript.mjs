// What JavaScript itself makes of numbers, texts and patterns: edge cases by hand, and made-up ones.
//
//   node tests/vectors/javascript.mjs > tests/vectors/javascript.json
import { pathToFileURL } from "node:url";

/** The same made-up cases every time (mulberry32). */
let seed = 1;
const random = () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];
const many = (count, make) => Array.from({ length: count }, make);

/** A number as the 16 hex digits of its double: no text of it stands between Node and the test. */
const bits = (number) => new BigUint64Array(new Float64Array([number]).buffer)[0].toString(16).padStart(16, "0");
const fromBits = (high, low) => new Float64Array(new Uint32Array([low, high]).buffer)[0];

const spaces = [..."\t\n\v\f\r \u00a0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"];
const notSpaces = [..."\u0085\u180e\u200b\u200c\u2060"];
const numbers = [
  "", ".", "+", "-", "-.", "+-1", "--1", "0", "-0", "+0", "00", "007", "-07.50", "1.", ".5", "-.5", "+.5", "1..2", "1.2.3", "..1", "5.e1", ".e1",
  "1e", "1e+", "1e-", "1e+x", "1E3", "1e3", "1e+3", "1e-3", "1ee3", "1e3.5", "1e0003", "e3", "1 000", "1,000", "1_000", "10px", "10 px", "$10",
  "0x10", "0b11", "0o7", "1n", "٣", "１", "Infinity", "-Infinity", "+Infinity", "Infinityx", "infinity", "Inf", "inf", "Infinit", "NaN", "nan", "true",
  "null", "[1]", "1e308", "1e309", "-1e309", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "5e-324", "2e-324",
  "3e-324", "1e-400", "-1e-400", "2.2250738585072011e-308", "2.2250738585072014e-308", "9007199254740991", "9007199254740992", "9007199254740993",
  "9007199254740995", "18446744073709551616", "123456789012345678901234567890", "0.1", "0.30000000000000004", "1e21", "1e22", "1e23", "1e-6",
  "1e-7", "100000000000000000000", "1000000000000000000000", "0.000001", "0.0000001", "1".repeat(400), `0.${"0".repeat(400)}1`, `${"9".repeat(20)}e-20`,
  ...spaces.map((space) => `${space}7`), ...spaces.map((space) => `7${space}8`), ...notSpaces.map((space) => `${space}7`), spaces.join("") + "7",
];
const numeral = () => many(1 + below(9), () => pick([..."0123456789", ..."0123456789", ".", "e", "E", "+", "-", " ", "x", "_"])).join("");
const decimal = () => `${pick(["", "-", "+"])}${below(1e9)}${pick(["", ".", `.${below(1e9)}`])}${pick(["", `e${below(40) - 20}`, `E+${below(330)}`, "e"])}${pick(["", "px"])}`;

const doubles = [
  0, -0, 1, -1, 0.1, 0.1 + 0.2, 1 / 3, 10, 100, 123.456, -1.5, 1e20, 123456789012345680000, 999999999999999900000, 1e21, -1.5e22, 1.2e21, 1e100, 1e-5, 1e-6,
  1.5e-6, 9.99e-7, 1e-7, 1.5e-7, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON, 2 ** 53, 2 ** 53 + 2, 2 ** 63,
  2 ** 64, 2 ** 70, 4.35, 0.000035, 1e23, 8.41e21, 9.5e-7, 2 ** -1074, 2 ** -1022, Infinity, -Infinity, NaN,
];
const double = () => pick([
  () => fromBits(below(2 ** 32), below(2 ** 32)),
  () => fromBits(0x3e000000 + below(0x06000000), below(2 ** 32)),
  () => below(2 ** 32) * 10 ** (below(40) - 20),
  () => Number(`${below(1e4)}e${below(60) - 30}`),
])();

const letters = [
  "", "ABC", "abc", "ÀÉÎ", "İ", "Iı", "ΟΔΥΣΣΕΥΣ", "ΑΣ ΑΣ.", "Σ", "ΣΑ", "Α\u00adΣ", "ΑΣ\u0301Β", "Α.Σ", "A\u03a3", "1Σ", "ǅ", "ẞ", "ﬀ", "Å", "K", "Ω", "Ⅷ", "Ⓐ", "ԱԲ", "Ა",
  "Ꭰ", "Ꮿ", "𐐀", "𝐀", "日本", "ПРИВЕТ", "Ǆǈǋ", "ŠĐ", "Ý̧", "ſ", "Ϗ", "Ω̈Σ", "😀A", "\u0130\u0307", "İSTANBUL",
];

const patterns = [
  ["^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$", ["someone@mail.com", "someone@mail", "a b@c.de"]],
  ["^(?:\\d{1,3}\\.){3}\\d{1,3}$", ["10.0.0.1", "10.0.1", "1000.0.0.1"]],
  ["(?<![\\w-])(?:iPhone|iPad)(?!\\w)", ["Mozilla (iPhone; CPU)", "xiPhone", "iPads"]],
  ["^(?=.*\\d)(?=.*[a-z]).{4,8}$", ["abc1", "abcd", "abcdefgh1"]],
  ["(\\w)(\\w)?\\2\\1", ["abba", "aa", "abab"]],
  ["(?<year>\\d{4})-\\k<year>", ["2020-2020", "2020-2021"]],
  ["\\k<year>", ["k<year>", ""]],
  ["(z)((a+)?(b+)?(c))*\\4d", ["zaacbbbcacd", "zbcbd"]],
  ["(?<=(\\d+)(\\d+))x\\2", ["1053x053", "1053x3"]],
  ["(a*)*b|(?:)*c", ["aaac", "b", "d"]],
  ["(?:a?)*?$|(?:a??){2,3}b", ["aaab", "c"]],
  ["^.$", ["é", "😀", "\u2028", "\n"]],
  ["^[^😀]$|😀{2}", ["é", "😀😀"]],
  ["\\u{2}|\\x4|\\u12|\\c|\\8|\\18|\\377|\\400", ["uu", "x4", "u12", "\\c", "8", "\u00018", "ÿ", " 0"]],
  ["[\\c1\\c_\\b\\-\\cA-\\cC]", ["\u0011", "\u001f", "\b", "-", "\u0002"]],
  ["[\\w-z][\\d-a][z-\\d]", ["-a-", "z1z", "a-5"]],
  ["a{,2}|b{|}]", ["a{,2}", "b{", "}]"]],
  ["^\\s+$", ["\ufeff\u00a0\u2028\u3000", "\u0085", "\u180e"]],
  ...["[", "(", ")", "*", "a**", "a{2,1}", "[b-a]", "\\", "(?a)", "(?<a", "(?<1>a)", "(?<a>)\\k<b>", "(?<a>)\\k", "^*", "\\b+", "(?<=a)*", "a{1}{2}", "{1}", "(?", "[\\d"].map(
    (pattern) => [pattern, [pattern, "a", ""]],
  ),
];
const atoms = [
  ..."abc1.^$-_/{}] ", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "[ab]", "[^a]", "[a-c1]", "[\\d_]", "[^\\w]", "\\b", "\\B", "é", "😀", "\\u00e9", "\\x61", "\\.", "\\-",
  "\\1", "\\2", "\\k<n>", "\\u{2}", "\\0", "\\c", "\\cA", "[\\b]", "[\\c]", "[\\cA-]", "\\08", "\\11", "a{,2}", "\\q", "[a-\\d]", "[]", "[^]", "\\8", "\\u12", "\\x1", "\\p{L}",
  "\\t", "[\\w-a]", "[😀]", "[^😀]", "(?:)", "\\k", "\\ud83d", "\\udE00",
];
const quantifiers = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,}", "{2,}?", "{0}", "{1", "{,1}", "{2,1}"];
const pattern = (depth) => {
  const term = () => {
    const group = depth > 0 && random() < 0.35;
    const node = group ? `${pick(["(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"])}${pattern(depth - 1)})` : pick(atoms);
    return node + (random() < 0.3 ? pick(quantifiers) : "");
  };
  const sequence = many(1 + below(3), term).join("");
  return random() < 0.15 ? `${sequence}|${pattern(Math.max(0, depth - 1))}` : sequence;
};
const text = () => many(below(7), () => pick([..."abc1_ é😀A.-\n2u{}8k\u2028pL\\0x"])).join("");
/** A name that stands twice is an error to some engines and none to newer ones. */
const isSettled = ([source]) => source.split("(?<n>").length < 3;

const finds = (source, texts) => {
  try {
    const regExp = new RegExp(source);
    return texts.map((text) => regExp.test(text));
  } catch {
    return null;
  }
};

const answers = {
  parseFloat: [[...numbers, ...many(120, numeral), ...many(80, decimal)], (text) => bits(Number.parseFloat(text))],
  String: [[...doubles, ...many(250, double)].map(bits), (hex) => String(fromBits(...[0, 8].map((at) => Number.parseInt(hex.slice(at, at + 8), 16))))],
  toLowerCase: [letters, (text) => text.toLowerCase()],
  RegExp: [[...patterns, ...many(700, () => [pattern(3), many(3, text)]).filter(isSettled)], ([source, texts]) => finds(source, texts)],
};

/** The file, one case a line. */
export const file = () => {
  const lines = Object.entries(answers).flatMap(([kind, [inputs, answer]]) =>
    inputs.map((input, index) =>
      JSON.stringify({ name: `${kind} ${index + 1}`, input: { kind, of: input }, expected: answer(input), source: "JavaScript, executed" }),
    ),
  );
  return `[\n${lines.join(",\n")}\n]\n`;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(file());
