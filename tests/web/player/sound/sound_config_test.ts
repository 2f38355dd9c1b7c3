/** What a decoder is told of a sound track, from init segments as the relay writes them. */

import assert from "node:assert/strict";
import { toHex } from "../../../../shared/bytes.ts";
import type { StreamMessage, TrackDescription } from "../../../../shared/control.ts";
import { soundConfig } from "../../../../web/src/player/sound/sound_config.ts";
import { describeStream, SOUND_TRACK } from "../../../support/batches.ts";

const { segment } = describeStream([
  { kind: "picture", dts: 0, key: true },
  { kind: "sound", dts: 0 },
]);

function stream(...tracks: readonly TrackDescription[]): StreamMessage {
  return { type: "stream", generation: 1, mime: "", tracks, clock: { errorUs: 0 } };
}

const AAC: TrackDescription = {
  id: 2,
  kind: "audio",
  codec: "mp4a.40.2",
  sampleRate: 48_000,
  channels: 2,
};

Deno.test("AAC comes with its AudioSpecificConfig, out of three descriptors", () => {
  const config = soundConfig(segment.bytes, stream(AAC));
  assert.equal(config?.codec, "mp4a.40.2");
  assert.deepEqual([config?.sampleRate, config?.numberOfChannels], [48_000, 2]);
  assert.ok(config?.description);
  const esds = toHex(SOUND_TRACK.config.bytes);
  assert.ok(esds.includes(`05`) && esds.includes(toHex(config.description)));
  assert.ok(config.description.length >= 2 && config.description.length < 8);
  // ISO/IEC 14496-3 §1.6.2.1: five bits of object type, 2 for AAC LC.
  assert.equal((config.description[0] ?? 0) >> 3, 2);
});

Deno.test("without sound, or without pictures' company, there is none", () => {
  assert.equal(soundConfig(segment.bytes, stream()), undefined);
  const silent = describeStream([{ kind: "picture", dts: 0, key: true }]);
  assert.equal(soundConfig(silent.segment.bytes, stream(AAC)), undefined);
});

Deno.test("what no decoder here knows is left to the element", () => {
  assert.equal(soundConfig(segment.bytes, stream({ ...AAC, codec: "ac-3" })), undefined);
  assert.equal(
    soundConfig(segment.bytes, stream({ ...AAC, sampleRate: 0 }))?.sampleRate,
    undefined,
  );
});

Deno.test("Opus needs no description, but for more than two channels", () => {
  const opus = { ...AAC, codec: "opus" };
  assert.deepEqual(soundConfig(segment.bytes, stream(opus)), {
    codec: "opus",
    sampleRate: 48_000,
    numberOfChannels: 2,
  });
  assert.equal(soundConfig(segment.bytes, stream({ ...opus, channels: 6 })), undefined);
});

Deno.test("damage never throws", () => {
  for (let length = 0; length < segment.bytes.length; length++) {
    soundConfig(segment.bytes.slice(0, length), stream(AAC));
  }
});
