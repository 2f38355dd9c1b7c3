/**
 * Every MPEG-TS capture, recorded: the file is the original by compare.py's rules, ffprobe
 * has nothing to say of it, and mp4box.js finds the samples.
 */

import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { boxesIn } from "../../shared/mp4/box_reader.ts";
import { findCaptures } from "../run/captures.ts";
import { assertFfprobeIsSilent, assertSame, decodedHashes, hashColumn } from "../support/judges.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { readMovie } from "../support/mp4box.ts";
import { record, RecordProcess } from "../support/record_process.ts";
import { freeUdpPort } from "../support/udp_ports.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";

/** Captures whose sound is of a kind that is not played: the pictures are compared. */
const OPUS = /opus/;

function captures(): string[] {
  if (folder === undefined) return [];
  return ["ts", "synth", "gopro"].flatMap((part) =>
    [...Deno.readDirSync(join(folder, part))]
      .filter(({ name }) => name.endsWith(".ts") && !name.includes("video_input"))
      .map(({ name }) => join(folder, part, name))
  ).sort();
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "rill-record-media-" });
  try {
    await test(out);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

for (const original of captures()) {
  Deno.test(`recorded: ${basename(original)}`, () =>
    inFolder(async (out) => {
      const remuxed = join(out, "a.mp4");
      await record([`file:${original}?pace=fast`, remuxed]);
      const kinds = OPUS.test(original) ? ["--tracks", "v"] : [];
      await assertSame(media, { original, remuxed, options: kinds });
      await assertFfprobeIsSilent(remuxed);
      const bytes = await Deno.readFile(remuxed);
      assert.deepEqual([...boxesIn(bytes)].map(({ type }) => type), ["ftyp", "mdat", "moov"]);
      for (const samples of readMovie(bytes).samples.values()) assert.ok(samples.length > 0);
      assert.deepEqual([...Deno.readDirSync(out)].length, 1, "one file");
    }));
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
