/** What the player reads of a message: pictures lead, sound alone is not lost. */

import assert from "node:assert/strict";
import { isInitSegment, readInit, readMedia } from "../../../web/src/player/incoming.ts";
import { describeStream } from "../../support/batches.ts";

const { segment, batches } = describeStream([
  { kind: "picture", dts: 90_000, key: true },
  { kind: "sound", dts: 48_000, alone: true },
  { kind: "sound", dts: 49_024 },
  { kind: "picture", dts: 93_000 },
]);
const init = readInit(segment.bytes);
const read = (index: number): ReturnType<typeof readMedia> => {
  const batch = batches[index];
  assert.ok(batch && init);
  return readMedia(batch.bytes, init);
};

Deno.test("an init segment is known by its first box, and tells its tracks", () => {
  assert.equal(isInitSegment(segment.bytes), true);
  assert.equal(isInitSegment(batches[0]?.bytes ?? segment.bytes), false);
  assert.deepEqual([init?.hasVideo, init?.hasAudio, init?.tracks.size], [true, true, 2]);
});

Deno.test("a picture tells its place, its key and when it was taken", () => {
  const info = read(0);
  assert.equal(info?.key, true);
  assert.equal(info?.start, 1);
  assert.equal(info?.pictures.length, 1);
  assert.equal(typeof info?.pictures[0]?.capturedMs, "number");
});

Deno.test("sound that could not wait for a picture is media without pictures", () => {
  const info = read(1);
  assert.ok(info, "it is not thrown away: a hole in the sound stops the picture too");
  assert.deepEqual({ key: info.key, pictures: info.pictures, start: info.start }, {
    key: false,
    pictures: [],
    start: 1,
  });
});

Deno.test("with a picture beside it, sound is not what leads", () => {
  const info = read(2);
  assert.equal(info?.key, false);
  assert.equal(info?.pictures.length, 1);
  assert.equal(info?.start, 93_000 / 90_000);
});

Deno.test("decode times of picture and sound are told apart", () => {
  const both = describeStream([
    { kind: "sound", dts: 48_000 },
    { kind: "sound", dts: 49_024 },
    { kind: "picture", dts: 90_000, pts: 96_000, key: true },
  ]);
  const info = init && both.batches[0] && readMedia(both.batches[0].bytes, init);
  assert.ok(info);
  const { start, decodeStart, decodeEnd, soundTo } = info;
  const expected = { start: 96_000 / 90_000, decodeStart: 1, decodeEnd: 1, soundTo: 1 };
  assert.deepEqual(
    { start, decodeStart, decodeEnd, soundTo },
    expected,
    "both frames in one fragment",
  );
  assert.equal(read(0)?.soundTo, undefined);
  assert.equal(read(1)?.soundTo, 1);
});

Deno.test("a message of a stream of sound alone can be begun at", () => {
  const alone = describeStream([{ kind: "sound", dts: 0 }]);
  const soundInit = readInit(alone.segment.bytes);
  assert.ok(soundInit && alone.batches[0]);
  assert.equal(readMedia(alone.batches[0].bytes, soundInit)?.key, true);
});

Deno.test("garbage is no media", () => {
  assert.ok(init);
  assert.equal(readMedia(new Uint8Array(64), init), undefined);
  assert.equal(readInit(new Uint8Array(64)), undefined);
});
