/** One timeline out of cameras' clocks that jump, wrap, restart and loop. */

import assert from "node:assert/strict";
import { micros } from "../../../shared/units.ts";
import { ORIGIN, Timeline } from "../../../relay/ingest/timeline.ts";

/** A sample: track, camera clock in seconds, arrival in seconds. */
type Sample = readonly [track: number, dts: number, arrival: number];

/** Where the samples come to lie, in seconds from the origin, and `+` for each new clock; a sample lasts 40 ms. */
function place(samples: readonly (Sample | "join" | "restart")[]): (number | string)[] {
  const timeline = new Timeline(ORIGIN);
  const placed: (number | string)[] = [];
  for (const sample of samples) {
    if (sample === "join") timeline.join();
    else if (sample === "restart") timeline.restart();
    else {
      const dts = sample[1] * 90_000;
      const place = timeline.place(sample[0], dts, micros(sample[2] * 1e6));
      if (!place) {
        placed.push("stray");
        continue;
      }
      timeline.extend(dts + place.shift + 3600);
      const seconds = Math.round((dts + place.shift - ORIGIN) / 90) / 1000;
      placed.push(place.clock > 0 ? "+".repeat(place.clock) + seconds : seconds);
    }
  }
  return placed;
}

const TABLE: readonly (readonly [
  string,
  readonly (Sample | "join" | "restart")[],
  readonly (number | string)[],
])[] = [
  ["the first sample is the origin", [[1, 1000, 0], [1, 1000.04, 0.04]], [0, 0.04]],
  ["another track keeps its distance, before or after", [
    [1, 1000, 0],
    [2, 999.5, 0],
    [2, 1000.2, 0.1],
  ], [0, -0.5, 0.2]],
  ["a gap on both clocks stays a gap", [[1, 10, 0], [1, 70, 60]], [0, 60]],
  ["a short jump ahead is taken as it is", [[1, 10, 0], [1, 19, 0.04]], [0, 9]],
  ["a jump ahead that no time explains is a new clock", [[1, 10, 0], [1, 21, 0.04]], [
    0,
    "+0.08",
  ]],
  ["one that time explains in part is none", [[1, 10, 0], [1, 79, 60]], [0, 69]],
  ["a small step back is the muxer's", [[1, 10, 0], [1, 9.5, 0.04]], [0, -0.5]],
  ["a larger one is a new clock, after the silence that passed", [
    [1, 10, 0],
    [1, 0, 5],
    [1, 0.04, 5.04],
  ], [0, "+5.04", "+5.08"]],
  ["the other track follows onto the new clock", [
    [1, 10, 0],
    [2, 10, 0],
    [1, 100, 1],
    [2, 100, 1],
    [2, 100.02, 1.02],
    [1, 100.04, 1.04],
  ], [0, 0, "+1.04", "+1.04", "+1.06", "+1.08"]],
  ["what a track still has in flight stays on the old clock", [
    [1, 1000, 0],
    [2, 1000, 0],
    [1, 5, 0.04],
    [2, 1000.02, 0.05],
    [2, 5, 0.06],
    [1, 5.04, 0.08],
  ], [0, 0, "+0.08", 0.02, "+0.08", "+0.12"]],
  ["so it does after a step back of a few seconds", [
    [1, 100, 0],
    [2, 100, 0],
    [2, 97, 0.04],
    [1, 100.04, 0.05],
    [1, 97.04, 0.09],
  ], [0, 0, "+0.08", 0.04, "+0.12"]],
  ["what is on neither clock is left out", [
    [1, 1000, 0],
    [2, 1000, 0],
    [1, 5, 0.04],
    [2, 500, 0.05],
    [2, 5, 0.06],
  ], [0, 0, "+0.08", "stray", "+0.08"]],
  ["one time stamp gone wrong: two clocks, and the tracks stay together", [
    [1, 10, 0],
    [2, 10, 0],
    [1, 500, 0.04],
    [2, 10.02, 0.04],
    [1, 10.08, 0.08],
    [2, 10.08, 0.08],
    [1, 10.12, 0.12],
    [2, 10.12, 0.12],
  ], [0, 0, "+0.08", 0.02, "++0.16", "++0.16", "++0.2", "++0.2"]],
  ["a track that paused while another went on is where it was, though no time passed (a file)", [
    [1, 10, 0],
    [2, 10, 0],
    [1, 18, 0],
    [1, 26, 0],
    [2, 26, 0],
    [1, 26.04, 0],
  ], [0, 0, 8, 16, 16, 16.04]],
  ["one that is set ahead of all others is on a new clock", [
    [1, 10, 0],
    [2, 10, 0],
    [1, 18, 0],
    [2, 29, 0],
    [1, 29.04, 0],
  ], [0, 0, 8, "+8.04", "+8.08"]],
  ["a track that begins late", [[1, 10, 0], [1, 18, 8], [2, 18.1, 8.1]], [0, 8, 8.1]],
  ["a silence of a day is an hour on the timeline", [[1, 10, 0], [1, 0, 86_400]], [
    0,
    "+3600.04",
  ]],
  ["an arrival before the last one makes no negative silence", [[1, 10, 5], [1, 0, 1]], [
    0,
    "+0.04",
  ]],
  ["a loop continues where the newest ended", [[1, 10, 0], [1, 10.04, 1], "join", [1, 10, 9], [
    1,
    10.04,
    9,
  ]], [0, 0.04, 0.08, 0.12]],
  ["a restart is placed after the silence, whatever its clock", [[1, 10, 0], "restart", [
    1,
    10.04,
    2,
  ], [1, 10.08, 2.04]], [0, "+2.04", "+2.08"]],
];

for (const [name, samples, expected] of TABLE) {
  Deno.test(`timeline: ${name}`, () => assert.deepEqual(place(samples), expected));
}

Deno.test("timeline: goes on from where another run ended", () => {
  const timeline = new Timeline(50 * 90_000);
  const place = timeline.place(1, 7, micros(0));
  assert.equal(7 + (place?.shift ?? 0), 50 * 90_000);
  assert.equal(timeline.newest, 50 * 90_000);
});

Deno.test("timeline: end and newest only grow", () => {
  const timeline = new Timeline(ORIGIN);
  timeline.place(1, 0, micros(0));
  timeline.extend(ORIGIN + 9000);
  timeline.extend(ORIGIN + 3000);
  assert.equal(timeline.end, ORIGIN + 9000);
  timeline.place(1, 6000, micros(0));
  timeline.place(1, 3000, micros(0));
  assert.equal(timeline.newest, ORIGIN + 6000);
});
