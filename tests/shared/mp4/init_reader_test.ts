/** Tracks read back from the init segment that was written for them. */

import assert from "node:assert/strict";
import type { Track } from "../../../shared/media.ts";
import { readTracks } from "../../../shared/mp4/init_reader.ts";
import { writeInitSegment } from "../../../relay/fmp4/init_segment.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "../../support/mp4_tracks.ts";
import { randomFrom } from "../../support/random.ts";

const SHAPED: Track = {
  ...VIDEO_TRACK,
  id: 7,
  pixelAspect: { horizontal: 4, vertical: 3 },
  colour: { primaries: 9, transfer: 16, matrix: 9, fullRange: true },
};

Deno.test("tracks come back as they were written, but for the codec's parameters", () => {
  for (const tracks of [[VIDEO_TRACK, AUDIO_TRACK], [SHAPED], [AUDIO_TRACK]]) {
    assert.deepEqual(
      readTracks(writeInitSegment(tracks)),
      tracks.map((track) => ({ ...track, codec: track.sampleEntry })),
    );
  }
});

Deno.test("damage never throws and yields no track out of nothing", () => {
  const whole = writeInitSegment([SHAPED, AUDIO_TRACK]);
  for (let end = 0; end < whole.length; end++) {
    assert.deepEqual(readTracks(whole.subarray(0, end)), []);
  }
  for (let seed = 0; seed < 1000; seed++) {
    const random = randomFrom(seed);
    const bytes = whole.slice();
    for (let i = 0; i < 4; i++) bytes[random(bytes.length)] = random(256);
    assert.ok(readTracks(bytes).length <= 2, `seed ${seed}`);
  }
});
