/** What the buffer is given, by what the browser can do and what the stream has. */

import assert from "node:assert/strict";
import type { StreamMessage } from "../../../shared/control.ts";
import { readTracks } from "../../../shared/mp4/init_reader.ts";
import { type Feeding, feedingOf } from "../../../web/src/player/feeding.ts";
import { readInit } from "../../../web/src/player/incoming.ts";
import { type Described, describeStream } from "../../support/batches.ts";

const PICTURE: Described = { kind: "picture", dts: 0, key: true };
const SOUND: Described = { kind: "sound", dts: 0 };

const STREAM: StreamMessage = {
  type: "stream",
  generation: 1,
  mime: `video/mp4; codecs="avc1.4d401f,mp4a.40.2"`,
  tracks: [
    { id: 1, kind: "video", codec: "avc1.4d401f" },
    { id: 2, kind: "audio", codec: "mp4a.40.2", sampleRate: 48_000, channels: 2 },
  ],
  clock: { errorUs: 0 },
};

function feeding(
  samples: readonly Described[],
  { beside = "can", stream = STREAM }: { beside?: "can" | "cannot"; stream?: StreamMessage } = {},
): Feeding {
  const { segment } = describeStream(samples);
  const info = readInit(segment.bytes);
  assert.ok(info);
  return feedingOf(segment.bytes, { info, stream, beside });
}

Deno.test("pictures alone are fed where the page plays the sound", () => {
  const { bytes, mime, kinds, sound } = feeding([PICTURE, SOUND]);
  assert.equal(mime, `video/mp4; codecs="avc1.4d401f"`);
  assert.equal(kinds, "video");
  assert.deepEqual(readTracks(bytes).map(({ kind }) => kind), ["video"]);
  assert.equal(sound?.codec, "mp4a.40.2");
});

Deno.test("everything is fed where it cannot, or cannot decode this", () => {
  const foreign = STREAM.tracks.map((track) =>
    track.kind === "audio" ? { ...track, codec: "ac-3" } : track
  );
  for (
    const { bytes, mime, kinds, sound } of [
      feeding([PICTURE, SOUND], { beside: "cannot" }),
      feeding([PICTURE, SOUND], { stream: { ...STREAM, tracks: foreign } }),
    ]
  ) {
    assert.deepEqual([mime, kinds, sound], [STREAM.mime, "audio,video", undefined]);
    assert.equal(readTracks(bytes).length, 2);
  }
});

Deno.test("one kind alone is fed as it is", () => {
  assert.deepEqual([feeding([PICTURE]).kinds, feeding([PICTURE]).sound], ["video", undefined]);
  assert.deepEqual([feeding([SOUND]).kinds, feeding([SOUND]).sound], ["audio", undefined]);
});
