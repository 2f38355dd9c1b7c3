/** A test that hangs fails by its name and place, and those after it still run. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runAnyhow } from "../support/run.ts";
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
  const folder = await Deno.makeTempDir({ prefix: "rill-hangs-" });
  try {
    await Deno.writeTextFile(join(folder, "a_test.ts"), FILE);
    const { stdout, code } = await runAnyhow(
      Deno.execPath(),
      [
        ...["test", "-A", "--no-check", "--no-lock", "--no-config"],
        `--preload=${new URL("time_limit.ts", import.meta.url).href}`,
        join(folder, "a_test.ts"),
      ],
      { env: { NO_COLOR: "1", RILL_TEST_LIMIT_MS: "400" } },
    );
    assert.deepEqual(judge(stdout, { ok: code === 0 }), { passed: 3, failed: 2, skipped: 1 });
    assert.match(stdout, /^hangs => \S+a_test\.ts:2:8\nerror: Test timed out after 400ms/m);
    assert.match(stdout, /^spins => \S+a_test\.ts:6:6\nerror: Test timed out after 400ms/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
