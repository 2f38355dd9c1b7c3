/** A test that hangs fails by its name and place, and those after it still run. */

import assert from "node:assert/strict";
import { runTestFile } from "../support/run_test_file.ts";
import { judge } from "./test_command.ts";

const FILE = `function suite(): void {
  Deno.test("hangs", () => new Promise((resolve) => setTimeout(resolve, 60_000)));
}
Deno.test("passes", () => {});
suite();
Deno.test("spins", { ignore: false }, () => {
  for (;;);
});
Deno.test({ name: "has more time", timeout: 30_000, fn: () => new Promise((resolve) => setTimeout(resolve, 900)) });
Deno.test(function named() {});
Deno.test.ignore("is ignored", () => {});
`;

Deno.test("a test that hangs fails by its name and place; those after it run", async () => {
  const { stdout, ok } = await runTestFile(FILE, { RILL_TEST_LIMIT_MS: "400" });
  assert.deepEqual(judge(stdout, { ok }), { passed: 3, failed: 2, skipped: 1 });
  assert.match(stdout, /^hangs => \S+a_test\.ts:2:8\nerror: Test timed out after 400ms/m);
  assert.match(stdout, /^spins => \S+a_test\.ts:6:6\nerror: Test timed out after 400ms/m);
});
