// What the demo hands to the command: a CSV file that any reader reads, settings that TOML takes.
import assert from "node:assert/strict";
import test from "node:test";
import { callsCsv, settingsToml } from "../../www/demo/export.js";

test("calls are lines; what would break one is quoted, and nobody's name or number is told", () => {
  const at = "2026-11-20T16:05:00.000Z";
  const calls = [
    { id: "call-1001", at, token: "AAbc", revenue: "49.90", quantity: "2", number: "+44 7700 900123", name: "Ingrid" },
    { id: "form-1002", at, token: "", revenue: '1,200 "or\nso"' },
  ];
  assert.equal(
    callsCsv(calls),
    `call_id,start_time,value,products,aftercall_ctx
call-1001,${at},49.90,2,AAbc
form-1002,${at},"1,200 ""or\nso""",,
`,
  );
});

test("settings have the command's names", () => {
  const accounts = { vwo: { accountId: "1", api: "web-goal" }, kameleoon: { siteCode: 'a"b', dataHost: undefined } };
  const goals = { vwo: { goals: { 21: "204" } }, kameleoon: { goalId: "3" }, convert: { goalIds: ["4"] } };
  const [, ...platforms] = settingsToml(accounts, goals).split("\n[");
  assert.deepEqual(platforms, [
    'vwo]\naccount_id = "1"\napi = "web-goal"\ngoals = { "21" = "204" }\n',
    'kameleoon]\nsite_code = "a\\"b"\ngoal_id = "3"\n',
  ]);
  assert.match(
    settingsToml(accounts, goals, "http://127.0.0.1:1"),
    /\n\[delivery\]\nvia = "http:\/\/127\.0\.0\.1:1"\n$/,
  );
});
