/** Which tracks there are, whether they changed, and how long one is waited for. */

import assert from "node:assert/strict";
import type { TrackConfig } from "../../../relay/codecs/codec.ts";
import { AUDIO_TRACK, Tracks, VIDEO_TRACK } from "../../../relay/ingest/generation.ts";
import * as tracks from "../../support/mp4_tracks.ts";

const { id: _video, ...video } = tracks.VIDEO_TRACK;
const { id: _audio, ...audio } = tracks.AUDIO_TRACK;
const BOTH = { video: true, audio: true };

/** The same with other set-up bytes. */
function other(config: TrackConfig): TrackConfig {
  const bytes = config.config.bytes.slice();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return { ...config, config: { ...config.config, bytes } };
}

Deno.test("tracks: pictures are 1 and come first, sound is 2", () => {
  const known = new Tracks();
  known.configure(audio);
  known.configure(video);
  assert.deepEqual(known.list().map(({ id, kind }) => [id, kind]), [
    [VIDEO_TRACK, "video"],
    [AUDIO_TRACK, "audio"],
  ]);
});

Deno.test("tracks: what differs is a change until it is settled, what does not is none", () => {
  const known = new Tracks();
  assert.equal(known.configure(video), false, "nothing was there before");
  assert.deepEqual(known.changed, { video: true, audio: false });
  known.settle();
  assert.equal(known.configure({ ...video }), false);
  assert.deepEqual(known.changed, { video: false, audio: false });
  assert.equal(known.configure(other(video)), true);
  assert.deepEqual(known.changed, { video: true, audio: false });
  known.settle();
  assert.equal(known.configure(audio), false);
  assert.deepEqual(known.changed, { video: false, audio: true });
});

Deno.test("tracks: codec and timescale are part of the set-up", () => {
  const known = new Tracks();
  known.configure(audio);
  assert.equal(known.configure({ ...audio, codec: "mp4a.40.1" }), true);
  assert.equal(known.configure({ ...audio, codec: "mp4a.40.1", timescale: 44_100 }), true);
});

Deno.test("tracks: one that is no longer declared goes, and that is a change", () => {
  const known = new Tracks();
  known.declare(BOTH);
  known.configure(video);
  known.configure(audio);
  known.settle();
  known.declare({ video: true, audio: false });
  assert.deepEqual(known.list().map(({ kind }) => kind), ["video"]);
  assert.deepEqual(known.changed, { video: false, audio: true });
});

/** Seconds of media that pass, a tenth at a time, before what is known must do; `undefined` for 100. */
function patience(known: Tracks): number | undefined {
  for (let tenths = 0; tenths < 1000; tenths++) {
    if (known.complete(500_000 + tenths * 9000)) return tenths / 10;
  }
  return undefined;
}

const PATIENCE: readonly (readonly [
  string,
  { readonly video: boolean; readonly audio: boolean },
  readonly TrackConfig[],
  number | undefined,
])[] = [
  ["all that is declared is there", BOTH, [video, audio], 0],
  ["only pictures are declared", { video: true, audio: false }, [video], 0],
  ["sound is declared and silent", BOTH, [video], 1.1],
  ["pictures are declared and do not come", BOTH, [audio], 20.1],
  ["nothing comes", BOTH, [], undefined],
];

for (const [name, declared, configs, expected] of PATIENCE) {
  Deno.test(`tracks: patience when ${name}`, () => {
    const known = new Tracks();
    known.declare(declared);
    for (const config of configs) known.configure(config);
    assert.equal(patience(known), expected);
  });
}

Deno.test("tracks: a new declaration is waited for anew", () => {
  const known = new Tracks();
  known.declare(BOTH);
  known.configure(video);
  known.complete(0);
  assert.equal(known.complete(200_000), true);
  known.declare(BOTH);
  assert.equal(known.complete(200_000), false);
  assert.equal(known.complete(300_000), true);
});
