/**
 * Every file beside which a manifest stands, recorded: what comes out is the original by compare.py's rules, ffprobe
 * has nothing to say of it, and mp4box.js finds the samples. A file that cannot be played is listed with the reason,
 * and nothing may come of it.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { boxesIn } from "../../shared/mp4/box_reader.ts";
import { findCaptures } from "../run/captures.ts";
import { assertFfprobeIsSilent, assertSame, decodedHashes, hashColumn } from "../support/judges.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { Ingested } from "../support/ingested.ts";
import { readMovie } from "../support/mp4box.ts";
import { record, RecordProcess } from "../support/record_process.ts";
import { freeUdpPort } from "../support/udp_ports.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";

/** Files of which no player could show anything, and why. */
const UNPLAYABLE: readonly (readonly [files: RegExp, reason: string])[] = [
  [/^\(gen\.sh big\)/, "not stored: made on demand for benches"],
  [/^hls\/.*\.m3u8$/, "a playlist: it names media and holds none"],
  [
    /^(wav\/|synth\/.*\.wav$)/,
    "PCM in WAV: raw sound for the seed systems' protocols, not a camera's stream",
  ],
  [
    /^(jpeg\/|synth\/synth-mjpeg\/)/,
    "JPEG pictures: for the sources that transcode, not a stream by themselves",
  ],
  [/^mp4\/.*init\.mp4$/, "an index without media"],
  [/^mp4\/.*(-segment\.mp4|_1\.m4s)$/, "media without its index: nobody knows the codec"],
];

/** Files of which ffprobe has something to say for a reason of their own. */
const PROBED_WITH_WARNINGS: readonly (readonly [file: string, reason: string])[] = [
  [
    "annexb/openh264_Cisco_Men_whisper_640x320_CABAC_Bframe_9.264",
    "its second IDR picture is shown after pictures that follow it, which no stream may",
  ],
];

/** Compared with another file: ffprobe reads GoPro's datagram headers as damage. */
const ORIGINALS: Readonly<Record<string, string>> = {
  "gopro/hero4_video_input_mpegts.ts": "gopro/derived-hero4_188.ts",
};

/** First column of the manifest. */
function manifest(): string[] {
  if (folder === undefined) return [];
  return Deno.readTextFileSync(join(folder, "MANIFEST.tsv")).trim().split("\n").slice(1)
    .map((line) => line.split("\t")[0] ?? "");
}

function reasonFor(path: string): string | undefined {
  return UNPLAYABLE.find(([files]) => files.test(path))?.[1];
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "rill-record-media-" });
  try {
    await test(out);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

for (const path of manifest().filter((path) => reasonFor(path) === undefined)) {
  Deno.test(`recorded: ${path}`, () =>
    inFolder(async (out) => {
      const remuxed = join(out, "a.mp4");
      await record([`file:${join(media, path)}?pace=fast`, remuxed]);
      const original = join(media, ORIGINALS[path] ?? path);
      await assertSame(media, { original, remuxed });
      if (!PROBED_WITH_WARNINGS.some(([file]) => file === path)) {
        await assertFfprobeIsSilent(remuxed);
      }
      const bytes = await Deno.readFile(remuxed);
      assert.deepEqual([...boxesIn(bytes)].map(({ type }) => type), ["ftyp", "mdat", "moov"]);
      for (const samples of readMovie(bytes).samples.values()) assert.ok(samples.length > 0);
      assert.deepEqual([...Deno.readDirSync(out)].length, 1, "one file");
    }));
}

for (const path of manifest().filter((path) => reasonFor(path) !== undefined)) {
  Deno.test(`not played: ${path}: ${reasonFor(path)}`, async () => {
    const [first = path] = path.split(" .. ");
    if (path.startsWith("(")) return assert.ok(!isThere(join(media, first)));
    const out = new Ingested({ clock: "rate" }).push(await Deno.readFile(join(media, first)));
    out.ingest.end();
    assert.deepEqual(out.order, [], "something came: take it off the list");
  });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "recorded: the HERO4 as a camera, started and kept alive, every picture and every sound",
  ignore: folder === undefined,
  fn: () =>
    inFolder(async (out) => {
      const capture = await Deno.readFile(join(media, "gopro/hero4_video_input_mpegts.ts"));
      await using camera = GoProCamera.on({
        firmware: hero4,
        capture,
        streamPort: freeUdpPort(),
      });
      const remuxed = join(out, "a.mp4");
      await using recording = new RecordProcess([camera.source, remuxed]);
      await recording.until(/ 252 frames/);
      assert.ok(camera.keepAlives > 1, "the camera was kept alive");
      assert.equal(await recording.stop(), 0);
      assert.match(recording.said, /a\.mp4: .* 252 frames, no losses\n$/);
      const samples = readMovie(await Deno.readFile(remuxed)).samples;
      assert.deepEqual([1, 2].map((track) => samples.get(track)?.length), [252, 393]);
      await assertSame(media, { original: join(media, "gopro/derived-hero4_188.ts"), remuxed });
      await assertFfprobeIsSilent(remuxed);
      const expected = join(media, "expected/gopro/hero4_video_input_mpegts.ts.framemd5");
      assert.deepEqual(await decodedHashes(remuxed), hashColumn(await Deno.readTextFile(expected)));
    }),
});
