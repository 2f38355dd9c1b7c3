/**
 * MP4 as a contribution: fragments of our own pass byte for byte, those of others are taken apart, whatever shape they
 * have; damage costs the fragment it is in.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Bytes, concatBytes, toHex } from "../../../shared/bytes.ts";
import { ORIGIN } from "../../../relay/ingest/timeline.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { hasFfprobe } from "../../support/ffprobe.ts";
import { AUDIO, Ingested, payloadText, steps, VIDEO } from "../../support/ingested.ts";
import { decodedHashes } from "../../support/judges.ts";
import { run } from "../../support/run.ts";

/** What another relay sends of a camera. */
function upstream(stream = new CameraStream().tables().group(8).group(8).take()): Ingested {
  const out = new Ingested().push(stream);
  out.ingest.end();
  return out;
}

function bytesOf({ segments, batches }: Ingested): Bytes {
  return concatBytes([
    ...segments.map(({ bytes }) => bytes),
    ...batches.map(({ bytes }) => bytes),
  ]);
}

/** The same under a brand that is not ours. */
function foreign(bytes: Bytes): Bytes {
  const copy = bytes.slice();
  const at = new TextDecoder("latin1").decode(bytes.subarray(0, 64)).indexOf("rill");
  copy.set([0x78, 0x78, 0x78, 0x78], at);
  return copy;
}

Deno.test("our own fragments pass byte for byte, generations mapped, groups kept", () => {
  const from = upstream();
  const through = new Ingested({ from: { generation: 6, end: 0 } }).push(bytesOf(from));
  through.ingest.end();
  assert.deepEqual(through.segments.map(({ generation }) => generation), [7]);
  assert.deepEqual(
    through.segments[0]?.tracks,
    from.segments[0]?.tracks.map((track) => {
      const { frameRate: _, ...told } = { frameRate: 0, ...track };
      return told;
    }),
  );
  assert.equal(through.segments[0]?.mime, from.segments[0]?.mime);
  assert.equal(toHex(bytesOf(through)), toHex(bytesOf(from)));
  assert.deepEqual(
    through.batches.filter(({ key }) => key).map(({ group, generation }) => [group, generation]),
    [[0, 7], [1, 7]],
  );
  assert.deepEqual(through.times(VIDEO), from.times(VIDEO));
  const { videoSamples, audioSamples } = through.ingest.counters;
  assert.deepEqual([videoSamples, audioSamples], [16, from.samples(AUDIO).length]);
});

Deno.test("entered in mid-group, our own fragments begin at the next key picture", () => {
  const from = upstream();
  const cut = concatBytes([
    ...from.segments.map(({ bytes }) => bytes),
    ...from.batches.slice(3).map(({ bytes }) => bytes),
  ]);
  const through = new Ingested().push(cut);
  assert.equal(through.samples(VIDEO)[0]?.key, true);
  assert.equal(through.samples(VIDEO).length, 8);
  assert.ok(through.ingest.counters.heldAccessUnits > 0);
});

Deno.test("our own fragments whose times would go back are muxed anew, behind what was there", () => {
  const from = upstream();
  const end = ORIGIN + 90_000 * 60;
  const through = new Ingested({ from: { generation: 2, end } }).push(bytesOf(from));
  through.ingest.end();
  assert.deepEqual(through.segments.map(({ generation }) => generation), [3]);
  assert.deepEqual(through.samples(VIDEO).map(payloadText), from.samples(VIDEO).map(payloadText));
  assert.ok(through.times(VIDEO).every((time) => time >= end));
});

Deno.test("fragments of another make are taken apart: the same samples, at the same distances", () => {
  const from = upstream();
  const through = new Ingested().push(foreign(bytesOf(from)));
  through.ingest.end();
  for (const track of [VIDEO, AUDIO]) {
    assert.deepEqual(
      through.samples(track).map(payloadText),
      from.samples(track).map(payloadText),
    );
    assert.deepEqual(steps(through.times(track)), steps(from.times(track)));
  }
  assert.deepEqual(through.segments[0]?.tracks, from.segments[0]?.tracks);
});

Deno.test("a fragment whose size lies costs itself, and what follows is found", () => {
  const from = upstream();
  const [init] = from.segments;
  const parts = from.batches.map(({ bytes }) => bytes.slice());
  parts[2]?.set([0x7f, 0xff, 0xff, 0xff], 0);
  const damaged = foreign(concatBytes([init?.bytes ?? new Uint8Array(0), ...parts]));
  const through = new Ingested().push(damaged);
  through.ingest.end();
  const { resyncBytes, damagedAccessUnits } = through.ingest.counters;
  assert.ok(resyncBytes > 0);
  assert.equal(damagedAccessUnits, 1);
  assert.deepEqual(
    through.samples(VIDEO).slice(-8).map(payloadText),
    from.samples(VIDEO).slice(-8).map(payloadText),
  );
});

Deno.test("an MP4 with its index behind its media, in a pipe, is refused in words", () => {
  const mdat = new Uint8Array([
    0,
    0,
    0,
    16,
    ...new TextEncoder().encode("mdat"),
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ]);
  const ftyp = new Uint8Array([0, 0, 0, 16, ...new TextEncoder().encode("ftypisom"), 0, 0, 0, 0]);
  const out = new Ingested().push(concatBytes([ftyp, mdat]));
  out.ingest.end();
  assert.match(out.notes[0] ?? "", /index behind its media.*faststart/);
});

const SHAPES: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ["a fragment a group", ["-movflags", "frag_keyframe+empty_moov"]],
  ["a fragment a frame", ["-movflags", "frag_every_frame+empty_moov+default_base_moof"]],
  ["offsets from the start of the file", [
    "-movflags",
    "frag_keyframe+empty_moov+omit_tfhd_offset",
  ]],
  ["negative composition offsets", [
    "-movflags",
    "frag_keyframe+empty_moov+negative_cts_offsets+default_base_moof",
  ]],
  ["the first fragment in the index", ["-movflags", "frag_keyframe"]],
  ["not fragmented, the index in front", ["-movflags", "+faststart"]],
  ["CMAF", ["-movflags", "+cmaf+frag_keyframe+empty_moov"]],
];

Deno.test({
  name: "MP4 in every shape that ffmpeg writes: decoded pictures equal, sound whole",
  ignore: !hasFfprobe(),
  fn: async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "rill-mp4-" });
    try {
      const made = join(folder, "made.mkv");
      await run("ffmpeg", [
        ...["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25"],
        ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "2"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "20", "-c:a", "aac", made],
      ]);
      for (const [name, flags] of SHAPES) {
        await t.step(name, async () => {
          const original = join(folder, "original.mp4");
          await run("ffmpeg", ["-v", "error", "-y", "-i", made, "-c", "copy", ...flags, original]);
          const out = new Ingested().push(await Deno.readFile(original));
          out.ingest.end();
          const remuxed = join(folder, "remuxed.mp4");
          await Deno.writeFile(remuxed, bytesOf(out));
          assert.equal(out.samples(VIDEO).length, 50);
          assert.ok(out.samples(AUDIO).length >= 94);
          assert.ok(out.samples(VIDEO).every(({ dts, pts }) => pts >= dts));
          assert.deepEqual(await decodedHashes(remuxed), await decodedHashes(original));
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
