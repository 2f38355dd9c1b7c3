/** Counting from what `deno test` prints, on what it did print. */

import assert from "node:assert/strict";
import { failures, judge, namesOfSkipped } from "./test_command.ts";

const PASSED = "running 2 tests from ./a_test.ts\na ... ok (1ms)\nb ... ok (0ms)\n\n" +
  "ok | 2 passed | 0 failed (5ms)\n\n";
const MIXED = "a ...\n  s1 ... ok (0ms)\na ... FAILED (3ms)\nc ... ignored (0ms)\n\n ERRORS \n\n" +
  "a => ./a_test.ts:1:6\nerror: Error: x\n\n" +
  "FAILED | 12 passed (3 steps) | 1 failed (1 step) | 1 ignored (9ms)\n\nerror: Test failed\n";

Deno.test("the summary is counted", () => {
  assert.deepEqual(judge(PASSED, { ok: true }), { passed: 2, failed: 0, skipped: 0 });
  assert.deepEqual(judge(MIXED, { ok: false }), { passed: 12, failed: 1, skipped: 1 });
});

Deno.test("a summary that a test prints does not stand for the real one", () => {
  const text = `ok | 99 passed | 0 failed (1ms)\n${MIXED}`;
  assert.deepEqual(judge(text, { ok: false }), { passed: 12, failed: 1, skipped: 1 });
});

Deno.test("a run that ends badly has failed, whatever it counted", () => {
  assert.deepEqual(judge(PASSED, { ok: false }), { passed: 2, failed: 1, skipped: 0 });
  assert.deepEqual(judge("error: out of memory", { ok: false }), {
    passed: 0,
    failed: 1,
    skipped: 0,
  });
  assert.deepEqual(judge("", { ok: true }), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("a run that was cut off counts what it told until then, and one failure for that", () => {
  const serial = MIXED.slice(0, MIXED.indexOf("\n ERRORS")) + "b ...\n  s1 ... ok (0ms)\n";
  assert.deepEqual(judge(serial, { ok: false }), { passed: 0, failed: 2, skipped: 1 });
  const parallel = "./a_test.ts => a ... s1 ... ok (0ms)\n./a_test.ts => a ... ok (1ms)\n" +
    "./b_test.ts => b ... FAILED (due to 1 failed step) (2ms)\n./b_test.ts => c ... ok (1s)\n";
  assert.deepEqual(judge(parallel, { ok: false }), { passed: 2, failed: 2, skipped: 0 });
});

Deno.test("what is shown of a failure begins where the errors do", () => {
  assert.match(failures(MIXED), /^ ERRORS \n\na => /);
  assert.equal(failures("Killed"), "Killed");
});

Deno.test("skipped tests are named", () => {
  assert.deepEqual(namesOfSkipped(MIXED), ["c"]);
});
