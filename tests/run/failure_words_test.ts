/** What is printed of a test that fails and then fails to let go of what it used. */

import assert from "node:assert/strict";
import { runTestFile } from "../support/run_test_file.ts";
import { inWords } from "./failure_words.ts";
import { judge } from "./test_command.ts";

const FILE = `const stuck = (name: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => Promise.reject(new Error(name + " cannot be closed")),
});
Deno.test("twice", async () => {
  await using _browser = stuck("the browser");
  await using _page = stuck("the page");
  throw new Error("no picture came");
});
Deno.test("in a step", async (t) => {
  await t.step("named", async () => {
    await using _page = stuck("its page");
    throw new Error("no sound came");
  });
  await t.step({ name: "passes", fn: async (t) => void await t.step(function inner() {}) });
});
Deno.test("let go alone", async () => {
  await using _page = stuck("a page alone");
});
`;

Deno.test("both errors are printed, of a test and of a step, what failed first before what failed then", async () => {
  const { stdout, ok } = await runTestFile(FILE);
  assert.deepEqual(judge(stdout, { ok }), { passed: 0, failed: 3, skipped: 0 });
  assert.match(
    stdout,
    /no picture came[^]*let go of: Error: the page cannot be closed[^]*let go of: Error: the browser cannot/,
  );
  assert.match(stdout, /no sound came[^]*let go of: Error: its page cannot be closed/);
  assert.match(stdout, /passes \.\.\. ok/);
  assert.match(stdout, /inner \.\.\. ok/);
  assert.match(stdout, /^error: Error: a page alone cannot be closed/m);
});

Deno.test("what hides nothing is left as it is", () => {
  for (const error of [new TypeError("no"), "no", undefined]) assert.equal(inWords(error), error);
  const told = inWords(new SuppressedError("later", new Error("first"), "hidden"));
  assert.ok(told instanceof Error);
  assert.match(told.message, /^Error: first[^]*let go of: "later"$/);
});
