/** The init segment: box by box, and as ffprobe reads it. */

import assert from "node:assert/strict";
import type { Track } from "../../../shared/media.ts";
import { writeInitSegment } from "../../../relay/fmp4/init_segment.ts";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { ffprobe, hasFfprobe } from "../../support/ffprobe.ts";
import { assertGolden } from "../../support/golden.ts";
import { AUDIO_TRACK, VIDEO_TRACK } from "../../support/mp4_tracks.ts";

// Without a picture ffprobe cannot know the pixel format, and warns.
const level = "error";

async function probe(tracks: readonly Track[]): Promise<Record<string, unknown>[]> {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  try {
    await Deno.writeFile(path, writeInitSegment(tracks));
    const { streams } = await ffprobe(path, { args: ["-show_streams"], level }) as {
      streams: Record<string, unknown>[];
    };
    return streams;
  } finally {
    await Deno.remove(path);
  }
}

const SHAPED_TRACK = {
  ...VIDEO_TRACK,
  pixelAspect: { horizontal: 4, vertical: 3 },
  colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: true },
} as const;

Deno.test("the boxes are as written down", async () => {
  await assertGolden(
    "init_segment",
    dumpBoxes(writeInitSegment([SHAPED_TRACK, AUDIO_TRACK])),
  );
});

Deno.test("a sound rate that 16 bits do not hold is left to the decoder configuration", () => {
  const rateAt = (track: Track): string =>
    dumpBoxes(writeInitSegment([track])).split("mp4a")[1]?.split("= ")[1]?.slice(48, 56) ?? "";
  assert.equal(rateAt(AUDIO_TRACK), "bb800000");
  assert.equal(rateAt({ ...AUDIO_TRACK, sampleRate: 96_000 }), "00000000");
});

Deno.test({
  name: "ffprobe reads codec, size, shape, colour, rate and channels",
  ignore: !hasFfprobe(),
  fn: async () => {
    const [video, audio] = await probe([SHAPED_TRACK, AUDIO_TRACK]);
    assert.equal(video?.codec_name, "h264");
    assert.equal(video?.codec_tag_string, "avc1");
    assert.equal(video?.width, 320);
    assert.equal(video?.height, 180);
    assert.equal(video?.sample_aspect_ratio, "4:3");
    assert.equal(video?.color_range, "pc");
    assert.equal(video?.color_space, "bt709");
    assert.equal(video?.time_base, "1/90000");
    assert.equal(video?.id, "0x1");
    assert.equal(audio?.codec_name, "aac");
    assert.equal(audio?.sample_rate, "48000");
    assert.equal(audio?.channels, 2);
    assert.equal(audio?.id, "0x2");
  },
});

Deno.test({
  name: "one track alone, of either kind, is a whole init segment",
  ignore: !hasFfprobe(),
  fn: async () => {
    assert.deepEqual((await probe([VIDEO_TRACK])).map((s) => s.codec_name), ["h264"]);
    assert.deepEqual((await probe([AUDIO_TRACK])).map((s) => s.codec_name), ["aac"]);
  },
});
