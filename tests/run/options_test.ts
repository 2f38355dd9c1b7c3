/** The options of `deno task test`. */

import assert from "node:assert/strict";
import { parseOptions, UsageError } from "./options.ts";

const GROUPS = ["format", "unit", "browser/chromium", "browser/firefox"];

Deno.test("without options everything runs, leniently", () => {
  assert.deepEqual(parseOptions([], GROUPS), {
    action: "run",
    strict: false,
    long: false,
    verbose: false,
  });
});

Deno.test("--only takes one name, several, a list, and the first part of a name", () => {
  const only = (...args: string[]) => parseOptions(args, GROUPS).only;
  assert.deepEqual(only("--only", "unit"), ["unit"]);
  assert.deepEqual(only("--only=unit", "--only", "format"), ["unit", "format"]);
  assert.deepEqual(only("--only", "format,browser"), [
    "format",
    "browser/chromium",
    "browser/firefox",
  ]);
});

Deno.test("each flag is read", () => {
  for (const flag of ["strict", "long", "verbose"] as const) {
    const options = parseOptions([`--${flag}`], GROUPS);
    const set = (["strict", "long", "verbose"] as const).filter((name) => options[name]);
    assert.deepEqual(set, [flag]);
  }
  assert.equal(parseOptions(["--list"], GROUPS).action, "list");
  assert.equal(parseOptions(["-h"], GROUPS).action, "help");
});

Deno.test("what cannot be understood is refused with a sentence that names it", () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["--fast"], /Unknown option "--fast"/],
    [["unit"], /Unknown option "unit"/],
    [["--only"], /--only needs the name of a group/],
    [["--only", "brow"], /no group "brow"; there are format, unit/],
    [["--strict=yes"], /--strict takes no value/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseOptions(args, GROUPS), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  }
});
