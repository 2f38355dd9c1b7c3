/** Decode times from 0: the very fragments otherwise, the two tracks as far apart as they were, what is shared untouched. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { findBoxes } from "../../../shared/mp4/box_reader.ts";
import { readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { FromZero } from "../../../relay/deliveries/from_zero.ts";
import { describeStream, interleave, steadyPictures, steadySounds } from "../../support/batches.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";

const { segment, batches } = describeStream(
  interleave(steadyPictures({ count: 60, group: 10 }), steadySounds({ count: 90 })),
);

/** Seconds of each fragment's first sample, by track. */
function timesOf(file: Uint8Array<ArrayBuffer>): Map<number, number[]> {
  const scales = new Map(segment.tracks.map(({ id, timescale }) => [id, timescale]));
  const times = new Map<number, number[]>();
  for (const { track, dts } of [...readFragments(file)].flatMap(({ tracks }) => tracks)) {
    const list = times.get(track) ?? [];
    list.push((dts ?? NaN) / (scales.get(track) ?? NaN));
    times.set(track, list);
  }
  return times;
}

Deno.test("the earliest of both tracks is at 0, all else as far from it as it was", () => {
  const joined = batches.slice(20);
  const before = joined.map(({ bytes }) => toHex(bytes));
  const viewer = new FromZero();
  const shifted = joined.map((batch) => viewer.shift(batch, segment.tracks).bytes);
  const was = timesOf(concatBytes(joined.map(({ bytes }) => bytes)));
  const is = timesOf(concatBytes(shifted));
  const start = Math.min(...[...was.values()].map(([first = NaN]) => first));
  assert.ok(start > 0);
  assert.equal(is.size, 2);
  for (const [track, times] of is) {
    times.forEach((time, at) => {
      const expected = (was.get(track)?.[at] ?? NaN) - start;
      assert.ok(Math.abs(time - expected) < 1e-4, `${track}: ${time} for ${expected}`);
    });
  }
  assert.deepEqual(joined.map(({ bytes }) => toHex(bytes)), before, "others get the same as ever");
});

Deno.test("nothing but decode times differs", () => {
  const viewer = new FromZero();
  for (const batch of batches.slice(20)) {
    const { bytes } = viewer.shift(batch, segment.tracks);
    const [was, is] = [batch.bytes.slice(), bytes.slice()];
    for (const each of [was, is]) {
      for (const { body } of findBoxes(each, "moof/traf/tfdt")) body.fill(0);
    }
    assert.equal(toHex(is), toHex(was));
  }
});

Deno.test("times beyond 32 bits; and one that is before the start", () => {
  const at = (dts: number) => {
    const [sample] = steadyPictures({ count: 1, group: 1 });
    assert.ok(sample);
    const moved = { ...sample, dts, pts: dts } as typeof sample;
    const [batch] = describeStream([moved]).batches;
    assert.ok(batch);
    return batch;
  };
  const viewer = new FromZero();
  const start = 3 * 2 ** 32 + 7;
  const times = [start, start + 5 * 2 ** 32 + 1, start - 1].map((dts) =>
    [...readFragments(viewer.shift(at(dts), segment.tracks).bytes)][0]?.tracks[0]?.dts
  );
  assert.deepEqual(times, [0, 5 * 2 ** 32 + 1, 0]);
});

Deno.test("who is there from the beginning gets what is shared, and so does one of a stream that is none of ours", () => {
  const [first] = batches;
  assert.ok(first);
  const viewer = new FromZero();
  assert.equal(viewer.shift(first, segment.tracks), first);
  assert.equal(viewer.shift(batches[20] ?? first, segment.tracks), batches[20]);
  const opaque = plainBatch({ sequence: 9 });
  assert.deepEqual(new FromZero().shift(opaque, plainSegment().tracks).bytes, opaque.bytes);
});
