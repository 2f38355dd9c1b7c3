/**
 * The statistics panel's lines.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PlayerStats } from "../../../web/src/player/player_types.ts";
import { UNKNOWN } from "../../../web/src/ui/formatters.ts";
import { statsLines, statsText } from "../../../web/src/ui/stats_words.ts";
import { playerStats } from "./player_stats.ts";

const NOW_MS = 60_000;

function value(label: string, changes: Partial<PlayerStats> = {}): string | undefined {
  return statsLines(playerStats(changes), NOW_MS)
    .find((line) => line.label === label)?.value.replaceAll(/[\u00a0\u202f]/g, " ");
}

function odd(changes: Partial<PlayerStats>): string[] {
  return statsLines(playerStats(changes), NOW_MS).filter((line) => line.odd).map((line) =>
    line.label
  );
}

Deno.test("latency comes with its possible error", () => {
  assert.equal(value("Camera to screen"), "142 ms ± 3 ms");
  assert.equal(value("Camera to screen", { clockErrorMs: null }), "142 ms");
  assert.equal(value("Camera to screen", { latencyMs: null }), UNKNOWN);
  assert.equal(value("Camera to screen", { latencyMs: 9200, clockErrorMs: 0 }), "9.2 s ± 0 ms");
});

Deno.test("the latency is told in shares, or not at all", () => {
  assert.equal(value("Of which"), "17 ms to here, 125 ms buffer and screen");
  assert.equal(value("Of which", { arrivalMs: null }), UNKNOWN);
  assert.equal(value("Of which", { latencyMs: null }), UNKNOWN);
});

Deno.test("how sound comes is told, and how far it is from the picture", () => {
  assert.equal(value("Sound"), "beside, 24 ms after the picture");
  assert.equal(value("Sound", { soundLateMs: -12 }), "beside, 12 ms before the picture");
  assert.equal(value("Sound", { soundLateMs: null }), "beside the picture, silent");
  assert.equal(value("Sound", { soundPath: "element" }), "with the picture");
  assert.equal(value("Sound ran dry", { soundPath: "element" }), undefined);
  assert.equal(value("Sound", { soundPath: "none" }), "none");
});

Deno.test("what was left out is counted and measured", () => {
  assert.equal(value("Left out as too slow"), "0");
  assert.equal(value("Left out as too slow", { skips: 2, skippedMs: 4300 }), "2, 4.3 s");
});

Deno.test("nothing of a healthy player is marked as odd", () => {
  assert.deepEqual(odd({}), []);
});

Deno.test("what a healthy player does not show is marked", () => {
  assert.deepEqual(odd({ state: "stalled" }), ["State"]);
  assert.deepEqual(odd({ bufferedRanges: 2 }), ["Ranges"]);
  assert.deepEqual(odd({ framesDropped: 400 }), ["Frames dropped"]);
  assert.deepEqual(odd({ soundGaps: 1 }), ["Sound ran dry"]);
  assert.deepEqual(odd({ stalls: 1, reconnects: 1, rebuilds: 1 }), [
    "Stalls",
    "Reconnections",
    "Decoder rebuilt",
  ]);
});

Deno.test("why the last connection ended is told", () => {
  const ends = [
    "websocket, after 1.0 s: The relay has stopped. (1001)",
    "webtransport, after 9.0 s: …",
  ];
  assert.equal(value("Last connection", { ends }), ends[1]);
});

Deno.test("copied statistics are plain lines without invisible spaces", () => {
  const text = statsText(playerStats({}), NOW_MS);
  assert.match(text, /^State: playing\nTransport: WebSocket\n/);
  assert.match(text, /^Frames shown: 18 234$/m);
  assert.doesNotMatch(text, /[\u00a0\u202f]/);
});
