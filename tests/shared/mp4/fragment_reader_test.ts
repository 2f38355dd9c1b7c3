/** What a fragment says of its samples: every form of writing it, and damage. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import {
  MAX_FRAGMENT_SAMPLES,
  readFragment,
  readFragments,
  readSampleDefaults,
} from "../../../shared/mp4/fragment_reader.ts";
import { writeInitSegment } from "../../../relay/fmp4/init_segment.ts";
import { buildFragment, type FragmentDescription } from "../../support/fragments.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "../../support/mp4_tracks.ts";
import { randomFrom } from "../../support/random.ts";

const KEY = 0x0200_0000;
const PAYLOAD = new Uint8Array(100);

const PICTURE: FragmentDescription = {
  sequence: 7,
  capture: { track: 1, seconds: 2_208_988_800 + 1_700_000_000, fraction: 2 ** 31, mediaTime: 9 },
  trafs: [{
    track: 1,
    dts: 2 ** 33 + 5,
    samples: [{ duration: 3000, size: 100, flags: KEY, compositionOffset: 6000 }],
  }],
  payload: PAYLOAD,
};

const DEFAULTS = readSampleDefaults(writeInitSegment([VIDEO_TRACK, AUDIO_TRACK]));

Deno.test("a picture's fragment: times, key flag, capture time, place of its sample", () => {
  const bytes = buildFragment(PICTURE);
  const fragment = readFragment(bytes, { defaults: DEFAULTS });
  assert.ok(fragment);
  assert.equal(fragment.sequence, 7);
  assert.equal(fragment.end, bytes.length);
  assert.deepEqual(fragment.capture, { track: 1, time: 1_700_000_000_500_000, mediaTime: 9 });
  const [track] = fragment.tracks;
  assert.equal(track?.track, 1);
  assert.equal(track?.dts, 2 ** 33 + 5);
  assert.equal(track?.duration, 3000);
  assert.equal(track?.key, true);
  assert.deepEqual(track?.samples, [{
    offset: bytes.length - 100 - fragment.moofStart,
    size: 100,
    duration: 3000,
    compositionOffset: 6000,
    key: true,
  }]);
});

Deno.test("what a fragment leaves out comes from tfhd, then from the init segment", () => {
  const read = (traf: Partial<FragmentDescription["trafs"][0]>): unknown[] => {
    const bytes = buildFragment({
      payload: PAYLOAD,
      trafs: [{ track: 1, dts: 0, samples: [{ size: 60 }, { size: 40 }], ...traf }],
    });
    const track = readFragment(bytes, { defaults: DEFAULTS })?.tracks[0];
    return [track?.duration, ...track?.samples.map((sample) => sample.key) ?? []];
  };
  assert.deepEqual(read({}), [0, false, false]);
  assert.deepEqual(read({ firstFlags: KEY }), [0, true, false]);
  assert.deepEqual(read({ defaults: { flags: KEY, duration: 20 } }), [40, true, true]);
  assert.deepEqual(read({ track: 2 }), [0, true, true]);
  assert.deepEqual(
    read({ defaults: { size: 30, duration: 5 }, samples: [{}, {}, {}] }),
    [15, false, false, false],
  );
});

Deno.test("composition offsets are signed in version 1 only", () => {
  const read = (trunVersion: 0 | 1): number | undefined =>
    readFragment(buildFragment({
      payload: PAYLOAD,
      trafs: [{ track: 1, dts: 0, trunVersion, samples: [{ size: 1, compositionOffset: -2 }] }],
    }))?.tracks[0]?.samples[0]?.compositionOffset;
  assert.equal(read(0), 2 ** 32 - 2);
  assert.equal(read(1), -2);
});

Deno.test("several tracks and several fragments are told apart; other boxes are passed over", () => {
  const sound = buildFragment({
    payload: PAYLOAD,
    sequence: 8,
    trafs: [
      { track: 1, dts: 1, samples: [{ size: 70 }] },
      { track: 2, dts: 2, samples: [{ size: 10 }, { size: 10 }] },
    ],
  });
  const free = new Uint8Array([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65]);
  const fragments = [...readFragments(concatBytes([free, buildFragment(PICTURE), free, sound]))];
  assert.deepEqual(fragments.map((each) => each.sequence), [7, 8]);
  assert.deepEqual(fragments.map((each) => each.capture?.mediaTime), [9, undefined]);
  assert.deepEqual(fragments[1]?.tracks.map((track) => [track.track, track.dts]), [[1, 1], [2, 2]]);
});

Deno.test("capture times go on after the NTP clock wraps in 2036", () => {
  const bytes = buildFragment({
    ...PICTURE,
    capture: { track: 1, seconds: 10, fraction: 0, mediaTime: 0 },
  });
  assert.equal(readFragment(bytes)?.capture?.time, (2 ** 32 + 10 - 2_208_988_800) * 1e6);
});

Deno.test("samples outside the media, and counts past the bound, are damage", () => {
  const broken: readonly [string, FragmentDescription["trafs"][0]][] = [
    ["size past the end", { track: 1, samples: [{ size: 101 }] }],
    ["offset into the header", { track: 1, dataOffset: 8, samples: [{ size: 1 }] }],
    ["offset before the fragment", { track: 1, dataOffset: -8, samples: [{ size: 1 }] }],
    ["offset past the end", { track: 1, dataOffset: 5000, samples: [{ size: 1 }] }],
    ["too many", {
      track: 1,
      samples: Array.from({ length: MAX_FRAGMENT_SAMPLES + 1 }, () => ({})),
    }],
  ];
  for (const [description, traf] of broken) {
    const bytes = buildFragment({ payload: PAYLOAD, trafs: [traf] });
    assert.equal(readFragment(bytes), undefined, description);
  }
  assert.equal(readFragment(buildFragment({ payload: PAYLOAD, trafs: [] })), undefined);
});

Deno.test("samples that lie on each other, so that a few bytes would be a flood, are damage", () => {
  const payload = new Uint8Array(1000);
  const traf = { track: 1, samples: [{ size: payload.length }] };
  const once = buildFragment({ payload, trafs: [traf] });
  assert.equal(readFragment(once)?.tracks.length, 1);
  const often = buildFragment({ payload, trafs: Array.from({ length: 10 }, () => traf) });
  assert.equal(readFragment(often), undefined);
});

Deno.test("a fragment cut anywhere is no fragment", () => {
  const bytes = buildFragment(PICTURE);
  for (let end = 0; end < bytes.length; end++) {
    assert.equal(readFragment(bytes.subarray(0, end)), undefined, `cut at ${end}`);
  }
});

Deno.test("garbage neither throws nor loops", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = randomFrom(seed);
    const bytes = concatBytes([buildFragment(PICTURE), buildFragment(PICTURE)]);
    for (let i = 0; i < 1 + random(4); i++) bytes[random(bytes.length)] = random(256);
    for (const { tracks, moofStart, end } of readFragments(bytes, { defaults: DEFAULTS })) {
      for (const { samples } of tracks) {
        for (const { offset, size } of samples) {
          assert.ok(moofStart + offset + size <= end, `seed ${seed}`);
        }
      }
    }
  }
});
