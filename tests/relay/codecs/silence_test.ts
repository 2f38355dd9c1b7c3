/** Silence, judged by ffmpeg's decoders: nothing is to be heard, and it lasts as long as it should. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import type { AudioTrack } from "../../../shared/media.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { opusTrack } from "../../../relay/codecs/opus.ts";
import { opusSamples } from "../../../relay/codecs/opus_packet.ts";
import { silence } from "../../../relay/codecs/silence.ts";
import { writeInitSegment } from "../../../relay/fmp4/init_segment.ts";
import { Muxer } from "../../../relay/fmp4/muxer.ts";
import { adts } from "../../support/adts_builder.ts";
import { decodedSound } from "../../support/decoded_sound.ts";

const FRAMES = 20;

function aacTrack(channels: number): AudioTrack {
  return {
    id: 2,
    kind: "audio",
    codec: "mp4a.40.2",
    timescale: 48_000,
    sampleEntry: "mp4a",
    config: { type: "esds", bytes: new Uint8Array() },
    sampleRate: 48_000,
    channels,
  };
}

function opus(channels: number): AudioTrack {
  const track = opusTrack(channels);
  assert.ok(track.kind === "audio");
  return { ...track, id: 2 };
}

for (
  const [configuration, channels] of [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 6], [
    7,
    8,
  ]] as const
) {
  Deno.test(`AAC of ${channels} channels`, async () => {
    const frame = silence(aacTrack(channels), 1024);
    assert.ok(frame);
    const stream = Array.from(
      { length: FRAMES },
      () => adts({ channels: configuration, payload: frame }),
    );
    assert.deepEqual(await decodedSound(concatBytes(stream), { format: "aac", channels }), {
      samples: FRAMES * 1024,
      loudest: 0,
    });
  });
}

for (const channels of [1, 2]) {
  for (const duration of [120, 240, 480, 960, 1920, 2880, 5760]) {
    Deno.test(`Opus of ${channels} channels, ${duration / 48} ms`, async () => {
      const track = opus(channels);
      const packet = silence(track, duration);
      assert.ok(packet);
      assert.equal(opusSamples(packet), duration);
      const muxer = new Muxer({ generation: 1, audio: track });
      for (let i = 0; i < FRAMES; i++) {
        const dts = ticks(i * duration);
        muxer.audio({
          dts,
          pts: dts,
          key: true,
          arrival: micros(0),
          duration: ticks(duration),
          units: [packet],
        });
      }
      const file = concatBytes([
        writeInitSegment([track]),
        muxer.flush()?.bytes ?? new Uint8Array(),
      ]);
      assert.deepEqual(await decodedSound(file, { format: "mp4", channels }), {
        samples: FRAMES * duration,
        loudest: 0,
      });
    });
  }
}

Deno.test("there is none for other codecs, sizes and arrangements", () => {
  assert.equal(silence({ ...aacTrack(2), codec: "mp4a.40.5" }, 1024), undefined);
  assert.equal(silence(aacTrack(2), 960), undefined);
  assert.equal(silence(aacTrack(7), 1024), undefined);
  assert.equal(silence(opus(3), 960), undefined);
  assert.equal(silence(opus(2), 1000), undefined);
});
