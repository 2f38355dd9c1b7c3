/** Where segments and parts are cut: whole groups, odd ones too, and never by waiting for the next picture. */

import assert from "node:assert/strict";
import { partTarget } from "../../../../relay/deliveries/hls/cadence.ts";
import type { Segment } from "../../../../relay/deliveries/hls/segment.ts";
import { Segmenter } from "../../../../relay/deliveries/hls/segmenter.ts";
import {
  describeStream,
  interleave,
  steadyPictures,
  steadySounds,
} from "../../../support/batches.ts";

interface Cut {
  readonly segments: Segment[];
  readonly segmenter: Segmenter;
}

function cut(streams: readonly ReturnType<typeof describeStream>[], rate = 30): Cut {
  const segments: Segment[] = [];
  const segmenter = new Segmenter({
    began: (segment) => void segments.push(segment),
    part: () => undefined,
    complete: () => undefined,
  }, { partTarget: partTarget(1 / rate), step: 1 / rate, sequence: 0 });
  for (const { segment, batches } of streams) {
    segmenter.init(segment);
    for (const batch of batches) segmenter.push(batch);
  }
  return { segments, segmenter };
}

/** By rate and group length: the target, and how long whole segments are, pictures. */
const GROUPS: readonly (readonly [string, number, number, number, number])[] = [
  ["groups of 8 pictures: four make a second", 30, 8, 2, 32],
  ["groups of a second", 30, 30, 2, 30],
  ["groups of ten seconds", 30, 300, 10, 300],
  ["groups of seventeen seconds, as some cameras'", 30, 510, 17, 510],
  ["five pictures a second", 5, 5, 2, 5],
];

for (const [name, rate, group, target, length] of GROUPS) {
  Deno.test(name, () => {
    const count = 3 * length + 1;
    const { segments, segmenter } = cut(
      [describeStream(steadyPictures({ count, group, step: 90_000 / rate }))],
      rate,
    );
    assert.equal(segmenter.target, target);
    assert.deepEqual(
      segments.map(({ seconds }) => seconds?.toFixed(3)),
      [0, 1, 2].map(() => (length / rate).toFixed(3)).concat([undefined as never]),
    );
    for (const { parts, seconds } of segments) {
      if (seconds === undefined) continue;
      assert.equal(parts[0]?.independent, true);
      const sum = parts.reduce((total, part) => total + part.seconds, 0);
      assert.ok(Math.abs(sum - seconds) < 0.001, `${sum} is not ${seconds}`);
      for (const part of parts) assert.ok(part.seconds <= partTarget(1 / rate) + 1e-9);
    }
  });
}

Deno.test("a group longer than any target is cut, and the segment in it begins without a key picture", () => {
  const { segments } = cut([describeStream(steadyPictures({ count: 30 * 50, group: 3000 }))]);
  assert.deepEqual(segments.map(({ parts }) => parts[0]?.independent), [true, false, false]);
  for (const { seconds = 0 } of segments) assert.ok(Math.round(seconds) <= 20);
});

Deno.test("the part that a picture fills is there with it, and the next is foreseen", () => {
  const { segments, segmenter } = cut([describeStream(steadyPictures({ count: 5 }))]);
  assert.equal(segments[0]?.parts.length, 1, "five pictures of a thirtieth fill a part");
  assert.deepEqual(segmenter.next, { sequence: 0, part: 1 });
  const whole = cut([describeStream(steadyPictures({ count: 60, group: 30 }))]).segmenter;
  assert.deepEqual(whole.next, { sequence: 2, part: 0 }, "groups of one length let it be known");
});

Deno.test("sound before a key picture goes with it; none is lost", () => {
  const described = interleave(
    steadyPictures({ count: 90, group: 30 }),
    steadySounds({ count: 140 }).map((sound) => ({ ...sound, alone: true })),
  );
  const stream = describeStream(described);
  const { segments, segmenter } = cut([stream]);
  segmenter.break();
  const batches = segments.flatMap(({ parts }) => parts.flatMap((part) => part.batches));
  const last = batches.at(-1)?.sequence ?? 0;
  assert.deepEqual(batches.map(({ sequence }) => sequence), [...Array(last + 1).keys()]);
});

Deno.test("a generation, and a hole of half a second, are discontinuities; a small hole is not", () => {
  const early = steadyPictures({ count: 45, group: 15 });
  const later = steadyPictures({ count: 45, group: 15, first: 45 * 3000 + 90_000 });
  const small = later.filter((_, at) => at < 3 || at > 8);
  const { segments } = cut([
    describeStream([...early, ...small]),
    describeStream(steadyPictures({ count: 31 }), { generation: 2 }),
  ]);
  assert.deepEqual(
    segments.map(({ discontinuity, init }) => [discontinuity, init.generation]),
    [[false, 1], [false, 1], [true, 1], [false, 1], [true, 2]],
  );
  for (const { seconds = 0 } of segments) assert.ok(seconds < 2);
});

Deno.test("pictures missing at its end are not a segment's: it lasts as long as what is in it", () => {
  const pictures = steadyPictures({ count: 91, group: 30 });
  const { segments } = cut([describeStream(pictures.filter((_, at) => at !== 28 && at !== 29))]);
  assert.deepEqual(
    segments.map(({ seconds }) => seconds?.toFixed(3)),
    [(28 / 30).toFixed(3), "1.000", "1.000", undefined],
  );
  for (const { parts, seconds } of segments) {
    const sum = parts.reduce((total, part) => total + part.seconds, 0);
    if (seconds !== undefined) {
      assert.ok(Math.abs(sum - seconds) < 1e-6, `${sum} is not ${seconds}`);
    }
  }
});

Deno.test("pictures that come to last longer than a part may: whole segments, until they are quick again", () => {
  const fast = steadyPictures({ count: 60, group: 30 });
  const slow = steadyPictures({ count: 13, group: 4, step: 45_000, first: 60 * 3000 });
  const again = steadyPictures({ count: 61, group: 30, first: 60 * 3000 + 13 * 45_000 });
  const { segments } = cut([describeStream([...fast, ...slow, ...again])]);
  const told = segments.map(({ whole, seconds }) => [whole, seconds?.toFixed(1)]);
  assert.ok(told.some(([whole]) => whole));
  assert.deepEqual(told.slice(0, 2), [[false, "1.0"], [false, "1.0"]]);
  assert.deepEqual(told.slice(-3), [[true, "1.5"], [false, "1.0"], [false, undefined]]);
  for (const { whole, parts } of segments) {
    if (whole) continue;
    for (const { seconds } of parts) assert.ok(seconds <= partTarget(1 / 30) + 1e-9);
  }
  const dts = segments.flatMap(({ parts }) => parts.flatMap(({ batches }) => batches))
    .flatMap(({ fragments }) => fragments.map((each) => each.dts));
  assert.equal(new Set(dts).size, dts.length, "each picture once");
});

Deno.test("a new generation whose pictures last longer than a part may has whole segments; single holes make none", () => {
  const fast = steadyPictures({ count: 60, group: 30 });
  const next = steadyPictures({ count: 10, group: 5, step: 45_000 });
  const { segments } = cut([describeStream(fast), describeStream(next, { generation: 2 })]);
  assert.equal(segments.at(-1)?.whole, true);
  const holes = steadyPictures({ count: 90, group: 30 }).filter((_, at) => at % 12 > 4 || at < 8);
  assert.ok(cut([describeStream(holes)]).segments.every(({ whole }) => !whole));
});

Deno.test("sound that goes on while no pictures come is not kept for them", () => {
  const away = 600; // seconds
  const sounds = steadySounds({ count: (away * 48_000) / 1024 })
    .map((each, at) => ({ ...each, alone: true, arrival: at * 21_333 }));
  const { segment, batches } = describeStream([
    ...steadyPictures({ count: 60, group: 30 }),
    ...sounds,
  ]);
  const later = describeStream([
    ...steadyPictures({ count: 60, group: 30, first: away * 90_000 })
      .map((each) => ({ ...each, arrival: away * 1_000_000 })),
    ...steadySounds({ count: 1 }),
  ]);
  for (const stops of [true, false]) {
    const { segments, segmenter } = cut([]);
    segmenter.init(segment);
    for (const batch of batches.slice(0, 60)) segmenter.push(batch);
    if (stops) segmenter.break(); // as when the stream is told to be offline
    for (const batch of batches.slice(60)) segmenter.push(batch);
    for (const batch of later.batches) segmenter.push(batch);
    const first = segments.findLast(({ discontinuity }) => discontinuity)?.parts[0];
    const sound = first?.batches.filter(({ fragments: [each] }) => each?.track !== 1) ?? [];
    assert.ok(sound.length <= 0.5 / 0.021 + 1, `${sound.length} batches of sound wait`);
  }
});

Deno.test("a target that cannot be waited for: the long group that has begun is cut into a whole segment", () => {
  const { segments, segmenter } = cut([describeStream(steadyPictures({ count: 240, group: 510 }))]);
  const cutAt = (): string | undefined => segments[0]?.seconds?.toFixed(3);
  assert.equal(cutAt(), undefined);
  segmenter.settle();
  assert.equal(segmenter.target, 20);
  assert.equal(cutAt(), "8.000");
  segmenter.settle();
  assert.equal(segments.length, 1, "once");
});
