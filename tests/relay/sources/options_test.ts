/** The options behind a source's question mark. */
import assert from "node:assert/strict";
import { choose, parsePort, splitSource } from "../../../relay/sources/options.ts";
import { SourceError } from "../../../relay/sources/source.ts";

function split(text: string): unknown {
  const { body, options } = splitSource(text, ["loop", "pace"]);
  return [body, Object.fromEntries(options)];
}

Deno.test("a source is split into body and options", () => {
  assert.deepEqual(split("demo"), ["", {}]);
  assert.deepEqual(split("gopro?loop"), ["", { loop: "" }]);
  assert.deepEqual(split("file:/a/b.ts?loop&pace=fast"), ["/a/b.ts", { loop: "", pace: "fast" }]);
  assert.deepEqual(split("udp://h:1?pace=a%20b"), ["//h:1", { pace: "a b" }]);
  assert.deepEqual(split("file:what?.ts?loop"), ["what?.ts", { loop: "" }], "the last mark counts");
});

Deno.test("an option that does not exist, or stands twice, is an error that says so", () => {
  assert.throws(
    () => split("file:a?speed=2"),
    new SourceError('file:a?speed=2: no option "speed" here: it has loop, pace'),
  );
  assert.throws(() => splitSource("demo?x", []), /no option "x" here: it has none/);
  assert.throws(() => split("file:a?loop&loop"), /option "loop" is written twice/);
});

Deno.test("a choice is the first when unsaid, and one of the list when said", () => {
  const pace = (value?: string): string =>
    choose("file:a", { key: "pace", value, choices: ["realtime", "fast"] });
  assert.equal(pace(), "realtime");
  assert.equal(pace("fast"), "fast");
  assert.throws(() => pace("slow"), /pace is one of realtime, fast, not "slow"/);
});

Deno.test("ports are 1 to 65535", () => {
  assert.equal(parsePort("s", "65535", "udp"), 65_535);
  for (const bad of ["0", "65536", "-1", "1e3", "", " 80", "x"]) {
    assert.throws(() => parsePort("s", bad, "udp"), /udp is a number from 1 to 65535/);
  }
});
