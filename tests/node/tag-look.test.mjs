// What the script tag asks of its core: as little as can be, and nothing twice.
import assert from "node:assert/strict";
import test from "node:test";
import { engineOf, load } from "./bundle.mjs";

const { createLook } = await load("tag/look.ts");
const day = 864e5;

/** A look over a page and an engine of the test's own, on one day. */
function looking(t, answers) {
  const document = { cookie: "a=1" };
  globalThis.window = { document };
  const clock = t.mock.method(Date, "now", () => 5 * day);
  t.after(() => {
    delete globalThis.window;
  });
  const inputs = [];
  const capture = (input) => {
    inputs.push(JSON.parse(input));
    return answers(inputs.at(-1));
  };
  const around = { globals: { vwo: { accountId: "6" } } };
  const captured = new WeakSet();
  const { look } = createLook(around)({ engine: () => engineOf({ capture }), answer: JSON.parse, captured });
  const at = (now) => clock.mock.mockImplementation(() => now);
  return { look, inputs, around, captured, document, at };
}

const known = ({ page, now }) => `{"capturedAt":${now},"problems":[],"vwo":{"uuid":"${page.cookie}"}}\nA${page.cookie}`;

test("the page, what goes with it, the time, and the token is wanted", (t) => {
  const { look, inputs, captured } = looking(t, known);
  const { visitor, token } = look();
  const [{ page, ...rest }] = inputs;
  assert.equal(page.cookie, "a=1");
  assert.deepEqual(rest, { globals: { vwo: { accountId: "6" } }, now: 5 * day, stash: true });
  assert.equal(token, "Aa=1");
  assert.deepEqual(visitor, { capturedAt: 5 * day, problems: [], vwo: { uuid: "a=1" } });
  assert.ok(captured.has(visitor), "its accounts may choose a destination");
});

test("the same page on the same day is the same look, and the core is not asked", (t) => {
  const { look, inputs, at } = looking(t, known);
  const first = look();
  at(6 * day - 1);
  assert.equal(look(), first);
  assert.equal(inputs.length, 1);
});

test("another page, another account on it, another address or another day: the core is asked", (t) => {
  const { look, inputs, at, around, document } = looking(t, known);
  look();
  const changes = [
    () => (document.cookie = "a=2"),
    () => (window._vwo_acc_id = 7),
    () => (around.url = "https://shop.example/"),
    () => at(6 * day),
  ];
  for (const [index, change] of changes.entries()) {
    change();
    look();
    assert.equal(inputs.length, index + 2, String(change));
    look();
    assert.equal(inputs.length, index + 2, "and once");
  }
});

test("a page that changed and says the same is the same look", (t) => {
  const { look, document, inputs } = looking(t, ({ now }) => `{"capturedAt":${now},"problems":[],"vwo":{}}\nA`);
  const first = look();
  document.cookie = "b=1";
  assert.equal(look(), first);
  assert.equal(look(), first);
  assert.equal(inputs.length, 2);
});

test("without a token the core is asked each time", (t) => {
  const { look, inputs } = looking(t, ({ now }) => `{"capturedAt":${now},"problems":[]}\n`);
  const first = look();
  assert.notEqual(look(), first);
  assert.equal(inputs.length, 2);
});

test("a failure is a problem, and is not remembered", (t) => {
  let fails = true;
  const { look } = looking(t, (input) => {
    if (fails) throw new Error("trap");
    return known(input);
  });
  const { visitor, token } = look();
  assert.deepEqual([visitor.problems[0].code, visitor.capturedAt, token], ["internal", 5 * day, ""]);
  fails = false;
  assert.equal(look().token, "Aa=1");
});
