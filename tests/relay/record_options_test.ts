/** The command line of `deno task record`. */

import assert from "node:assert/strict";
import { UsageError } from "../../relay/config.ts";
import { readRecordCommand } from "../../relay/record_options.ts";

Deno.test("source, file and limits are read in any order", () => {
  const request = readRecordCommand([
    "--frames=10",
    "demo",
    "--seconds",
    "1.5",
    "a.mp4",
    "--bytes",
    "9",
  ]);
  assert.ok(request.kind === "run");
  const { spec, path, limits } = request.config;
  assert.equal(spec.scheme, "demo");
  assert.equal(path, "a.mp4");
  assert.deepEqual(limits, { seconds: 1.5, frames: 10, bytes: 9 });
  assert.equal(request.config.overwrite, false);
  const anew = readRecordCommand(["demo", "a.mp4", "--overwrite"]);
  assert.ok(anew.kind === "run" && anew.config.overwrite);
});

Deno.test("without options there is no limit, and help needs nothing else", () => {
  const request = readRecordCommand(["file:a=b.ts?pace=fast", "a.mp4"]);
  assert.ok(request.kind === "run");
  assert.deepEqual(request.config.limits, {});
  assert.equal(readRecordCommand(["--help"]).kind, "help");
});

Deno.test("bad usage is told in one sentence", () => {
  const table: readonly (readonly [args: string[], words: RegExp])[] = [
    [[], /no SOURCE and no FILE/],
    [["demo"], /no FILE to record demo to/],
    [["demo", "a.mp4", "b.mp4"], /b\.mp4 is too much/],
    [["--fps", "3", "demo", "a.mp4"], /unknown option '--fps'/],
    [["demo", "a.mp4", "--seconds"], /--seconds/],
    [["demo", "a.mp4", "--seconds", "0"], /--seconds 0: expected a number above 0/],
    [["demo", "a.mp4", "--seconds", "-1"], /^--seconds: expected a number above 0/],
    [["demo", "a.mp4", "--seconds", "1e3"], /--seconds 1e3: expected a number/],
    [["demo", "a.mp4", "--frames", "1.5"], /--frames 1\.5: expected a whole number/],
    [["demo", "a.mp4", "--bytes", "10M"], /--bytes 10M: expected a number/],
    [["quicktime:a", "a.mp4"], /unknown source "quicktime:a"/],
    [["file:a.ts", "./a.ts"], /is the source itself/],
  ];
  for (const [args, words] of table) {
    assert.throws(
      () => readRecordCommand(args),
      (error) =>
        error instanceof UsageError && words.test(error.message) && !error.message.includes("\n"),
      args.join(" "),
    );
  }
});
