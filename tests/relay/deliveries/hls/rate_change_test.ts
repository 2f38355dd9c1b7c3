/**
 * Pictures that come at another rate than the parts were made for, unevenly, or not at all: every playlist on the way
 * obeys the RFC, no part waits for more than fills it, and each picture is told of once.
 */

import assert from "node:assert/strict";
import { partTarget } from "../../../../relay/deliveries/hls/cadence.ts";
import type { Segment } from "../../../../relay/deliveries/hls/segment.ts";
import { Window } from "../../../../relay/deliveries/hls/window.ts";
import { type Described, describeStream } from "../../../support/batches.ts";
import { playlistProblems } from "../../../support/hls/playlist_rules.ts";
import { type ReadPlaylist, readPlaylist } from "../../../support/hls/playlist_reader.ts";
import { randomFrom } from "../../../support/random.ts";

const TIMESCALE = 90_000;
const EXACT = 1e-6;

/** Pictures with these steps between them, seconds; a key picture every so many. */
function pictures(steps: readonly number[], group: number): Described[] {
  let dts = 0;
  return steps.map((step, at): Described => {
    const described = { kind: "picture" as const, dts: Math.round(dts), key: at % group === 0 };
    dts += step * TIMESCALE;
    return described;
  });
}

function steady(seconds: number, rate: number): number[] {
  return Array.from({ length: Math.round(seconds * rate) }, () => 1 / rate);
}

interface Played {
  /** The last playlist. */
  readonly playlist: ReadPlaylist;
  readonly segments: readonly Segment[];
  /** Longest time from the start of a picture to that of the one with which it is told of, seconds. */
  readonly longestWait: number;
}

/** Plays to a window, and reads what it says after each picture. */
function play(described: readonly Described[]): Played {
  const { segment, batches } = describeStream(described);
  let clock = 0;
  const window = new Window({ epoch: "e", sequence: 0, now: () => clock });
  window.init(segment);
  const segments = new Map<number, Segment>();
  let playlist: ReadPlaylist | undefined;
  let before = "";
  let waiting: number[] = [];
  let told = 0;
  let longestWait = 0;
  for (const batch of batches) {
    const start = (batch.fragments[0]?.dts ?? 0) / TIMESCALE;
    clock = start * 1000;
    waiting.push(start);
    window.push(batch);
    for (let now; (now = window.segment(segments.size));) segments.set(now.sequence, now);
    let count = 0;
    for (const { parts } of segments.values()) {
      for (const part of parts) count += part.batches.length;
    }
    for (const since of waiting.slice(0, count - told)) {
      if (window.ready) longestWait = Math.max(longestWait, start - since);
    }
    waiting = waiting.slice(count - told);
    told = count;
    if (!window.ready) continue;
    const text = window.playlist({ delta: false });
    if (text === before) continue;
    before = text;
    playlist = readPlaylist(text);
    assert.deepEqual(playlistProblems(playlist), [], `at ${start} s:\n${text}`);
    assert.deepEqual(playlistProblems(readPlaylist(window.playlist({ delta: true }))), []);
  }
  assert.ok(playlist, "there was a playlist");
  const all = [...segments.values()].flatMap(({ parts }) =>
    parts.flatMap(({ batches }) => batches)
  );
  assert.deepEqual(
    all.map(({ sequence }) => sequence),
    batches.slice(0, all.length).map(({ sequence }) => sequence),
  );
  return { playlist, segments: [...segments.values()], longestWait };
}

const partsOf = ({ segments }: Played): number =>
  segments.reduce((sum, { parts }) => sum + parts.length, 0);

for (const [from, to] of [[30, 15], [30, 7.5], [25, 12.5], [60, 15], [24, 12], [50, 25]] as const) {
  Deno.test(`${from} pictures a second, then ${to}: the parts are as long as before, the segments whole groups`, () => {
    const group = 2 * to;
    const played = play(pictures([...steady(4, from), ...steady(12, to)], group));
    const late = played.segments.slice(-3, -1);
    for (const { seconds, parts } of late) {
      assert.ok(Math.abs((seconds ?? 0) - 2) < EXACT, `${seconds} s`);
      for (const part of parts.slice(0, -1)) {
        assert.ok(part.seconds >= 0.85 * played.playlist.partTarget, `${part.seconds} s`);
      }
    }
    assert.ok(played.longestWait < played.playlist.partTarget);
  });
}

for (const [from, to] of [[30, 20], [30, 17.3], [30, 13], [30, 10], [15, 30], [60, 50]] as const) {
  Deno.test(`${from} pictures a second, then ${to}: no part is illegal, none waits, the list stays short`, () => {
    const played = play(pictures([...steady(4, from), ...steady(20, to)], 2 * from));
    assert.ok(played.longestWait < played.playlist.partTarget, `${played.longestWait} s`);
    assert.ok(partsOf(played) > 20 / played.playlist.partTarget);
    assert.ok(played.playlist.segments.length <= 110, `${played.playlist.segments.length} listed`);
    assert.equal(played.playlist.target, 2);
  });
}

Deno.test("a rate that was taken for another at the start: the target duration is the group's all the same", () => {
  const { playlist } = play(pictures([...steady(0.3, 30), ...steady(20, 13)], 52));
  assert.equal(playlist.partTarget, partTarget(1 / 30));
  assert.equal(playlist.target, 4);
});

Deno.test("after a segment that one part has ended, half a second without pictures is a discontinuity still", () => {
  const steps = [...steady(4, 30), ...steady(2, 20)];
  const { segments } = play(pictures([...steps, 0.7, ...steady(3, 20)], 60));
  assert.deepEqual(segments.filter(({ discontinuity }) => discontinuity).length, 1);
});

for (let seed = 1; seed <= 12; seed++) {
  Deno.test(`any rates, uneven, with pictures missing here and there, seed ${seed}: every playlist obeys the RFC`, () => {
    const random = randomFrom(seed);
    const rates = [60, 30, 25, 24, 20, 15, 13, 12.5, 10, 7, 5, 3];
    const steps: number[] = [];
    for (let run = 0; run < 8; run++) {
      const step = 1 / (rates[random(rates.length)] ?? 30);
      const unevenness = random(3) * 0.1;
      const missing = random(3); // where the rate changes, pictures seem to be missing too
      const count = Math.round((2 + random(4)) / step);
      for (let at = 0; at < count; at++) {
        const hole = at === count - 1 ? missing : 0;
        steps.push(step * (1 + hole + unevenness * (random(1000) / 500 - 1)));
      }
    }
    play(pictures(steps, 5 + random(100)));
  });
}

Deno.test("the frame rate that is told is the highest that any generation has had", () => {
  const window = new Window({ epoch: "e", sequence: 0, now: () => 0 });
  const rates = [15, 30, 10].map((rate, at) => {
    const { segment, batches } = describeStream(pictures(steady(3, rate), rate), {
      generation: at + 1,
    });
    window.init(segment);
    for (const batch of batches) window.push(batch);
    return window.variant("live.m3u8")?.picture?.rate.toFixed(3);
  });
  assert.deepEqual(rates, ["15.000", "30.000", "30.000"]);
});
