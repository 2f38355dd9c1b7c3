/** Pictures and sound apart: what goes to the SourceBuffer and what to the decoder. */

import assert from "node:assert/strict";
import { equalBytes } from "../../../../shared/bytes.ts";
import { readFragments } from "../../../../shared/mp4/fragment_reader.ts";
import { readTracks } from "../../../../shared/mp4/init_reader.ts";
import { readInit } from "../../../../web/src/player/incoming.ts";
import { picturesOnly, separate } from "../../../../web/src/player/sound/separate.ts";
import { describeStream, payloadOf, SOUND_TICKS } from "../../../support/batches.ts";

const SAMPLES = [
  { kind: "picture", dts: 90_000, key: true },
  { kind: "sound", dts: 48_000, alone: true },
  { kind: "sound", dts: 49_024 },
  { kind: "picture", dts: 93_000 },
] as const;
const { segment, batches } = describeStream(SAMPLES);

function given(): NonNullable<ReturnType<typeof readInit>> {
  const init = readInit(segment.bytes);
  assert.ok(init);
  return init;
}

function message(index: number): Uint8Array<ArrayBuffer> {
  const bytes = batches[index]?.bytes;
  assert.ok(bytes);
  return bytes;
}

Deno.test("an init segment without its sound is a sound init segment", () => {
  const init = given();
  const only = picturesOnly(segment.bytes, init);
  assert.deepEqual(readTracks(only).map(({ kind }) => kind), ["video"]);
  const again = readInit(only);
  assert.deepEqual([again?.hasVideo, again?.hasAudio], [true, false]);
  assert.equal(again?.defaults.size, 1, "its trex is gone too");
  assert.deepEqual(picturesOnly(only, init), only, "nothing more to leave out");
});

Deno.test("a picture alone passes as it is, without a copy", () => {
  const bytes = message(0);
  const { pictures, sounds } = separate(bytes, given());
  assert.deepEqual(sounds, []);
  assert.equal(pictures?.buffer, bytes.buffer);
  assert.ok(pictures && equalBytes(pictures, bytes));
});

Deno.test("sound alone leaves nothing for the pictures", () => {
  const { pictures, sounds } = separate(message(1), given());
  assert.equal(pictures, undefined);
  assert.equal(sounds.length, 1);
});

Deno.test("of both, each gets its own, with its times", () => {
  const { pictures, sounds } = separate(message(2), given());
  assert.ok(pictures);
  const [fragment, ...more] = readFragments(pictures, { defaults: given().defaults });
  assert.equal(more.length, 0);
  assert.equal(fragment?.tracks[0]?.dts, 93_000);
  assert.ok(fragment?.capture, "its capture time stays with it");
  const [sound] = sounds;
  assert.deepEqual([sound?.start, sound?.end], [49_024 / 48_000, (49_024 + SOUND_TICKS) / 48_000]);
  assert.ok(sound && equalBytes(sound.bytes, payloadOf(SAMPLES[2], 2)), "the raw frame");
});

Deno.test("what is damaged is left out", () => {
  const bytes = message(2);
  const { pictures, sounds } = separate(bytes.slice(0, bytes.length - 1), given());
  assert.equal(pictures, undefined);
  assert.equal(sounds.length, 1);
});
