/** Media fragments: every byte by a golden dump, and read back by another reader. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import type { Sample } from "../../../shared/media.ts";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { readFragment } from "../../../shared/mp4/fragment_reader.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import {
  audioFragmentBytes,
  VIDEO_HEADER_BYTES,
  videoPayloadBytes,
  writeAudioFragment,
  writeVideoFragment,
} from "../../../relay/fmp4/fragment.ts";
import { assertGolden } from "../../support/golden.ts";
import { randomFrom } from "../../support/random.ts";

const UNITS = [new Uint8Array([6, 5, 4]), new Uint8Array([0x65, 1, 2, 3, 4, 5])];
const SAMPLE: Sample = {
  dts: ticks(360_000),
  pts: ticks(366_006),
  key: true,
  arrival: micros(1_700_000_000_123_456),
  duration: ticks(0),
  units: UNITS,
};

function video(sample: Partial<Sample> = {}, duration = 3003): Bytes {
  const whole = { ...SAMPLE, ...sample };
  const payloadBytes = videoPayloadBytes(whole.units);
  const w = new ByteWriter(new Uint8Array(VIDEO_HEADER_BYTES + payloadBytes));
  writeVideoFragment(w, whole, {
    track: 1,
    sequence: 7,
    duration: ticks(duration),
    payloadBytes,
  });
  return w.written();
}

function audio(dts: number, sizes: readonly number[]): Bytes {
  const payload = Uint8Array.from(
    { length: sizes.reduce((a, b) => a + b, 0) },
    (_, i) => i,
  );
  const w = new ByteWriter(new Uint8Array(audioFragmentBytes(sizes.length, payload.length)));
  writeAudioFragment(w, {
    track: 2,
    sequence: 8,
    dts: ticks(dts),
    sampleDuration: ticks(1024),
    sizes,
    payload,
  });
  return w.written();
}

Deno.test("the boxes are as written down", async () => {
  const parts = [video(), video({ key: false, pts: SAMPLE.dts }), audio(192_000, [3, 5, 2])];
  await assertGolden("fragment", dumpBoxes(concatBytes(parts)));
});

Deno.test("the size is known before: the writer is filled to its last byte", () => {
  assert.equal(video().length, VIDEO_HEADER_BYTES + 4 + 3 + 4 + 6);
  assert.equal(audio(0, [3, 5, 2]).length, audioFragmentBytes(3, 10));
});

Deno.test("a picture read back: time, duration, offset, units behind their lengths", () => {
  const bytes = video();
  const read = readFragment(bytes);
  assert.equal(read?.sequence, 7);
  assert.equal(read?.end, bytes.length);
  const [track] = read?.tracks ?? [];
  assert.deepEqual([track?.track, track?.dts, track?.key, track?.duration], [
    1,
    360_000,
    true,
    3003,
  ]);
  const [sample] = track?.samples ?? [];
  assert.equal(sample?.compositionOffset, 6006);
  const start = (read?.moofStart ?? 0) + (sample?.offset ?? 0);
  assert.equal(
    toHex(bytes.subarray(start, start + (sample?.size ?? 0))),
    "00000003" + "060504" + "00000006" + "650102030405",
  );
});

Deno.test("a sound run read back: sizes and times of its samples", () => {
  const bytes = audio(2 ** 40, [1, 300, 2]);
  const [track] = readFragment(bytes)?.tracks ?? [];
  assert.deepEqual([track?.track, track?.dts, track?.key, track?.duration], [
    2,
    2 ** 40,
    true,
    3072,
  ]);
  assert.deepEqual(track?.samples.map(({ size, duration }) => [size, duration]), [
    [1, 1024],
    [300, 1024],
    [2, 1024],
  ]);
  assert.deepEqual(
    track?.samples.map(({ offset }) => bytes[offset]),
    [0, 1, 301 & 0xff],
  );
});

Deno.test("only a key picture is one", () => {
  assert.equal(readFragment(video({ key: false }))?.tracks[0]?.key, false);
  assert.equal(readFragment(video({ key: true }))?.tracks[0]?.key, true);
});

const TIMES = [
  0,
  1,
  999_999,
  1_000_000,
  1_700_000_000_999_999,
  2_085_978_495_999_999, // the last µs of NTP's first era
  2_085_978_496_000_000,
  2_085_978_496_000_001,
];

Deno.test("the capture time is exact to a µs, in every era", () => {
  const random = randomFrom(5);
  const some = Array.from(
    { length: 2000 },
    () => 1.7e15 + random(2 ** 31) * 1000 + random(1_000_000),
  );
  for (const time of [...TIMES.filter((each) => each >= 1_000_000), ...some]) {
    const { capture } = readFragment(video({ arrival: micros(time) })) ?? {};
    assert.equal(capture?.time, time, "seed 5");
    assert.deepEqual([capture?.track, capture?.mediaTime], [1, SAMPLE.pts]);
  }
});

Deno.test("times beyond 32 bits, and a picture shown before it is decoded", () => {
  const [track] = readFragment(video({ dts: ticks(2 ** 45), pts: ticks(2 ** 45 - 10) }))?.tracks ??
    [];
  assert.equal(track?.dts, 2 ** 45);
  assert.equal(track?.samples[0]?.compositionOffset, -10);
});

Deno.test("a picture of no units is a fragment all the same", () => {
  const read = readFragment(video({ units: [] }));
  assert.equal(read?.tracks[0]?.samples[0]?.size, 0);
});
