/**
 * Figures as people read them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  formatAgo,
  formatBitrate,
  formatBytes,
  formatCount,
  formatDuration,
  formatFps,
  formatLatency,
  formatResolution,
  formatViewers,
  UNKNOWN,
} from "../../../web/src/ui/formatters.ts";

function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, " ");
}

function table<Input>(
  format: (input: Input) => string,
  rows: readonly (readonly [Input, string])[],
): void {
  for (const [input, expected] of rows) assert.equal(plain(format(input)), expected, String(input));
}

Deno.test("bitrates change their unit where the figure would grow to four digits", () => {
  table(formatBitrate, [
    [0, UNKNOWN],
    [-1, UNKNOWN],
    [NaN, UNKNOWN],
    [800, "0.8 kb/s"],
    [640_000, "640 kb/s"],
    [999_499, "999 kb/s"],
    [999_500, "1 Mb/s"],
    [8_140_000, "8.1 Mb/s"],
    [61_400_000, "61 Mb/s"],
  ]);
});

Deno.test("frame rates are whole, NTSC's too, until they are slow enough for a decimal to matter", () => {
  table(formatFps, [
    [0, UNKNOWN],
    [NaN, UNKNOWN],
    [29.97, "30 fps"],
    [59.94, "60 fps"],
    [7.5, "7.5 fps"],
    [1, "1 fps"],
  ]);
});

Deno.test("sizes are in powers of ten", () => {
  table(formatBytes, [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [48_312_000, "48 MB"],
    [999_600_000, "1 GB"],
    [2_340_000_000, "2.3 GB"],
  ]);
});

Deno.test("latency is told to 10 ms, then in seconds, and is never negative", () => {
  table(formatLatency, [
    [-3, "0 ms"],
    [142, "140 ms"],
    [147, "150 ms"],
    [994, "990 ms"],
    [995, "1 s"],
    [1240, "1.2 s"],
    [14_200, "14 s"],
  ]);
});

Deno.test("lengths of time have two units at most and no empty second one", () => {
  table(formatDuration, [
    [-5, "0 s"],
    [999, "0 s"],
    [45_000, "45 s"],
    [120_000, "2 min"],
    [125_000, "2 min 5 s"],
    [8_040_000, "2 h 14 min"],
    [3_600_000, "1 h"],
    [187_200_000, "2 d 4 h"],
  ]);
});

Deno.test("ages keep seconds until they stop to matter", () => {
  table(formatAgo, [
    [-20, "just now"],
    [900, "just now"],
    [12_400, "12 s ago"],
    [99_999, "99 s ago"],
    [100_000, "1 min ago"],
    [5_999_000, "99 min ago"],
    [6_000_000, "1 h ago"],
    [172_800_000, "2 days ago"],
  ]);
});

Deno.test("counts are grouped in threes", () => {
  table(formatCount, [[0, "0"], [999, "999"], [18_234, "18 234"], [1_234_567, "1 234 567"]]);
});

Deno.test("a resolution needs both sides", () => {
  assert.equal(plain(formatResolution(1920, 1080)), "1920 × 1080");
  assert.equal(formatResolution(1920, undefined), UNKNOWN);
  assert.equal(formatResolution(0, 0), UNKNOWN);
});

Deno.test("nobody is a number of viewers too", () => {
  table(formatViewers, [[0, "nobody watching"], [1, "1 watching"], [12, "12 watching"]]);
});
