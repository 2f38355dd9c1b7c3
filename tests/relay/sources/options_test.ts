/** The options behind a source's question mark. */
import assert from "node:assert/strict";
import {
  choose,
  parseNumber,
  parsePort,
  parseSize,
  splitFragment,
  splitSource,
} from "../../../relay/sources/options.ts";
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

Deno.test("an address keeps its question mark; options stand behind the last #", () => {
  const { address, options } = splitFragment("rtsp://h/a?channel=1#audio=none", ["audio"]);
  assert.equal(address, "rtsp://h/a?channel=1");
  assert.deepEqual(Object.fromEntries(options), { audio: "none" });
  assert.throws(() => splitFragment("rtsp://h/a#sound=1", ["audio"]), /no option "sound" here/);
});

Deno.test("sizes, and numbers with k and M, are read the same by every camera", () => {
  assert.deepEqual(parseSize("s", "1280x720"), { width: 1280, height: 720 });
  assert.equal(parseSize("s", undefined), undefined);
  for (const bad of ["1280", "0x0", "1280X720", "1280x", "123456x1", ""]) {
    assert.throws(() => parseSize("s", bad), /s: size is WIDTHxHEIGHT/, bad);
  }
  const rate = (value?: string): number | undefined =>
    parseNumber("s", { key: "bitrate", value, max: 10_000_000 });
  assert.deepEqual(["2500000", "2500k", "2.5M", undefined].map(rate), [
    ...[2_500_000, 2_500_000, 2_500_000, undefined],
  ]);
  for (const bad of ["0", "11M", "2.5m", "1e6", "-1", "k", ""]) {
    assert.throws(() => rate(bad), /s: bitrate is a number from 1 to 10000000, not "/, bad);
  }
});
