/** What of another relay's sound goes out with the first picture: the newest of it, by time and by bytes. */

import assert from "node:assert/strict";
import type { Track } from "../../../shared/media.ts";
import type { FragmentInfo } from "../../../shared/mp4/fragment_reader.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { PassThrough } from "../../../relay/ingest/pass_through.ts";

const VIDEO = 1;
const AUDIO = 2;
const TIMESCALE = 48_000;
const MEBIBYTE = 1024 * 1024;
const CONFIG = { type: "none", bytes: new Uint8Array() };
const TRACKS: readonly Track[] = [
  {
    ...{ id: VIDEO, kind: "video", codec: "avc1.42001e", timescale: 90_000, sampleEntry: "avc1" },
    ...{ config: CONFIG, width: 16, height: 16 },
  },
  {
    ...{ id: AUDIO, kind: "audio", codec: "mp4a.40.2", timescale: TIMESCALE, sampleEntry: "mp4a" },
    ...{ config: CONFIG, sampleRate: TIMESCALE, channels: 2 },
  },
];

function infoOf(
  track: number,
  dts: number,
  { duration, size }: { duration: number; size: number },
): FragmentInfo {
  const sample = {
    offset: 0,
    size,
    duration: ticks(duration),
    compositionOffset: ticks(0),
    key: true,
  };
  return {
    sequence: 1,
    tracks: [{ track, dts: ticks(dts), duration: ticks(duration), key: true, samples: [sample] }],
    moofStart: 0,
    end: size,
  };
}

/** Sound in fragments of so many ticks and bytes, then a picture; decode times of the sound that goes with it. */
function soundBeforePicture(
  { fragments, duration, bytes }: { fragments: number; duration: number; bytes: number },
): number[] {
  const through = new PassThrough(1, TRACKS);
  const sound = new Uint8Array(bytes);
  for (let i = 0; i < fragments; i++) {
    const info = infoOf(AUDIO, i * duration, { duration, size: bytes });
    assert.equal(through.pass(sound, info, micros(0)), undefined);
  }
  const picture = infoOf(VIDEO, 0, { duration: 3000, size: 100 });
  const passed = through.pass(new Uint8Array(100), picture, micros(0));
  assert.equal(passed?.pictures, 1);
  const { fragments: out, bytes: all } = passed.batch;
  assert.equal(all.length, (out.length - 1) * bytes + 100);
  assert.equal(passed.sounds, out.length - 1);
  return out.slice(0, -1).map(({ dts }) => dts);
}

Deno.test("sound in fine fragments is kept for two seconds before the first picture", () => {
  const fine = { duration: TIMESCALE / 200, bytes: 100 }; // 5 ms
  assert.equal(soundBeforePicture({ ...fine, fragments: 390 }).length, 390);
  const kept = soundBeforePicture({ ...fine, fragments: 2000 });
  assert.equal(kept.length, 401);
  assert.equal(kept.at(-1), 1999 * fine.duration, "the newest");
});

Deno.test("sound in long fragments is kept for no longer", () => {
  const long = { duration: TIMESCALE, bytes: 100 };
  assert.deepEqual(
    soundBeforePicture({ ...long, fragments: 60 }),
    [57, 58, 59].map((second) => second * TIMESCALE),
  );
});

Deno.test("sound is kept up to four mebibytes", () => {
  const large = { duration: TIMESCALE / 100, bytes: MEBIBYTE };
  assert.equal(soundBeforePicture({ ...large, fragments: 50 }).length, 4);
});
