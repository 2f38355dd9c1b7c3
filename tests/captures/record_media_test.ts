/**
 * The captures that are not MPEG-TS, recorded, and a camera; a file that cannot be played is listed with the reason, and
 * nothing may come of it.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { assertFfprobeIsSilent, assertSame, decodedHashes, hashColumn } from "../support/judges.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { Ingested } from "../support/ingested.ts";
import { readMovie } from "../support/mp4box.ts";
import { RecordProcess } from "../support/record_process.ts";
import { freeUdpPort } from "../support/ports.ts";
import {
  folder,
  inFolder,
  isTransportStream,
  manifest,
  media,
  reasonFor,
  testRecorded,
} from "./record_media_suite.ts";

testRecorded((path) => !isTransportStream(path));

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
