/** `deno task test` as a program, and the small parts that have no file of their own. */

import assert from "node:assert/strict";
import { TEST_LOCK } from "./test_command.ts";
import { type Finished, runAnyhow } from "../support/run.ts";
import { findCaptures } from "./captures.ts";
import { explainOldDeno } from "./deno_version.ts";
import { add, NOTHING, strict } from "./outcome.ts";
import { describe, excerpt, sumLine } from "./report.ts";
import { groupOf } from "./test_files.ts";

function runner(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return runAnyhow(Deno.execPath(), ["run", "-A", TEST_LOCK, "tests/run.ts", ...args], { env });
}

Deno.test("an unknown option is one sentence and exit code 2", async () => {
  const { code, stdout } = await runner(["--fsat"]);
  assert.equal(code, 2);
  assert.equal(stdout, 'Unknown option "--fsat"; --help shows those there are.\n');
});

Deno.test("the groups can be listed and one of them run; the sum is the last line", async () => {
  const list = await runner(["--list"]);
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^format +\S/m);
  assert.match(list.stdout, /^browser\/chromium +\S/m);
  const one = await runner(["--only", "lint"]);
  assert.match(one.stdout, /\n\d+ passed, \d+ failed, \d+ skipped\n$/);
});

Deno.test("captures: unset is nothing, a folder is a group, a wrong path is a failure", async () => {
  assert.deepEqual(findCaptures(undefined), {});
  assert.deepEqual(findCaptures("tests"), { folder: `${Deno.cwd()}/tests` });
  assert.match(findCaptures("no/such").problem ?? "", /no\/such, which is no folder; correct it/);
  const wrong = await runner(["--only", "lint"], { RILL_MEDIA: "/no/such" });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /^captures: RILL_MEDIA is set to \/no\/such, which is no folder/m);
  assert.match(wrong.stdout, /\n\d+ passed, [1-9]\d* failed, \d+ skipped\n$/);
});

Deno.test("an old Deno is told what is needed", () => {
  assert.equal(explainOldDeno("2.9.0"), undefined);
  assert.equal(explainOldDeno("2.10.1"), undefined);
  assert.equal(explainOldDeno("3.0.0"), undefined);
  assert.match(explainOldDeno("2.8.4") ?? "", /This is Deno 2.8.4; the tests need 2.9 or newer/);
  assert.match(explainOldDeno("1.46.3") ?? "", /need 2.9/);
});

Deno.test("outcomes add up; where nothing may be skipped, a skip is a failure", () => {
  const outcome = { passed: 1, failed: 2, skipped: 3 };
  assert.deepEqual(add(outcome, add(outcome, NOTHING)), { passed: 2, failed: 4, skipped: 6 });
  assert.deepEqual(strict(outcome), { passed: 1, failed: 5, skipped: 0 });
});

Deno.test("the report says ok, skipped or FAILED, and shows the end of a long output", () => {
  assert.equal(sumLine({ passed: 5, failed: 0, skipped: 1 }), "5 passed, 0 failed, 1 skipped");
  assert.match(describe({ passed: 1, failed: 0, skipped: 1 }, 1240), /^ok: .* \(1\.2 s\)$/);
  assert.match(describe({ passed: 9, failed: 1, skipped: 0 }, 0), /^FAILED: /);
  assert.match(describe({ passed: 0, failed: 0, skipped: 1 }, 0), /^skipped: /);
  const shown = excerpt(Array.from({ length: 1000 }, (_, i) => `line ${i}`).join("\n"));
  assert.equal(shown.at(-1), "  | line 999");
  assert.match(shown[0] ?? "", /700 lines left out/);
});

Deno.test("a test file's place and name decide its group", () => {
  const cases = [
    ["tests/shared/mp4/four_cc_test.ts", "unit"],
    ["tests/architecture_test.ts", "unit"],
    ["tests/contract/source_test.ts", "contract"],
    ["tests/oracle/ffprobe_test.ts", "integration"],
    ["tests/e2e/bad_use_test.ts", "integration"],
    ["tests/e2e/play_webkit_test.ts", "browser/webkit"],
    ["tests/captures/hero4_test.ts", "captures"],
  ] as const;
  for (const [path, group] of cases) assert.equal(groupOf(path), group);
});
