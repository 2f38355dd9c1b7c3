/**
 * Transport streams that are made again: every sample back, byte for byte but for what only a transport stream has;
 * and read without a word by ffprobe, whose decoded pictures are the original's.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../../shared/bytes.ts";
import { TsMuxer } from "../../../relay/mpegts_out/ts_muxer.ts";
import * as ts from "../../../relay/mpegts/packet.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";
import { makeTransportStream } from "../../support/clips.ts";
import { hasFfprobe } from "../../support/ffprobe.ts";
import { AUDIO, Ingested, payloadText, VIDEO } from "../../support/ingested.ts";
import { decodedHashes } from "../../support/judges.ts";
import { run } from "../../support/run.ts";

function mux({ segments, batches }: Ingested): Uint8Array<ArrayBuffer> {
  const muxer = new TsMuxer();
  const pieces: Uint8Array[] = [];
  for (const segment of segments) {
    muxer.init(segment);
    for (const batch of batches) {
      if (batch.generation === segment.generation) pieces.push(muxer.push(batch));
    }
  }
  return concatBytes(pieces);
}

function ingest(bytes: Uint8Array): Ingested {
  const ingested = new Ingested();
  ingested.push(bytes);
  ingested.ingest.end();
  return ingested;
}

/** Program clock references, 90 kHz, by packet. */
function clocks(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += ts.PACKET_BYTES) {
    if (!ts.hasAdaptation(bytes, at) || (bytes[at + 4] ?? 0) === 0) continue;
    if (((bytes[at + 5] ?? 0) & 0x10) === 0) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at + 6);
    found.push(view.getUint32(0) * 2 + ((bytes[at + 10] ?? 0) >> 7));
  }
  return found;
}

Deno.test({
  name: "a clip made again: ffprobe is silent, pictures decode to the same, all samples come back",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-ts-out-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 3, group: 25, sound: true });
      const first = ingest(await Deno.readFile(clip));
      const again = join(folder, "again.ts");
      const bytes = mux(first);
      await Deno.writeFile(again, bytes);
      const { stderr } = await run("ffprobe", ["-v", "warning", "-show_packets", again]);
      assert.equal(stderr, "");
      assert.deepEqual(await decodedHashes(again), await decodedHashes(clip));
      const second = ingest(bytes);
      assert.equal(second.ingest.counters.continuityGaps, 0);
      assert.deepEqual(
        second.samples(AUDIO).map(payloadText),
        first.samples(AUDIO).map(payloadText),
      );
      assert.deepEqual(
        second.samples(VIDEO).map(payloadText),
        first.samples(VIDEO).map(payloadText),
      );
      const offset = (second.times(VIDEO)[0] ?? 0) - (first.times(VIDEO)[0] ?? 0);
      assert.deepEqual(second.times(VIDEO), first.times(VIDEO).map((dts) => dts + offset));
      const found = clocks(bytes);
      assert.ok(found.length >= 75);
      found.slice(1).forEach((clock, i) => {
        const step = clock - (found[i] ?? 0);
        assert.ok(step > 0 && step <= 9000, `a clock step of ${step}`);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a slow stream: the clock is told ten times a second all the same", () => {
  const { segment, batches } = describeStream(steadyPictures({ count: 6, step: 45_000 }));
  const muxer = new TsMuxer();
  muxer.init(segment);
  const found = clocks(concatBytes(batches.map((batch) => muxer.push(batch))));
  const steps = found.slice(1).map((clock, i) => clock - (found[i] ?? 0));
  assert.ok(Math.max(...steps) <= 9000, `steps of ${steps}`);
  assert.equal(found.at(-1), 5 * 45_000);
});

Deno.test("what begins at a key picture begins with the tables; every packet is one", () => {
  const { segment, batches } = describeStream(steadyPictures({ count: 20, group: 10 }));
  const muxer = new TsMuxer();
  muxer.init(segment);
  for (const batch of batches) {
    const bytes = muxer.push(batch);
    assert.equal(bytes.length % ts.PACKET_BYTES, 0);
    for (let at = 0; at < bytes.length; at += ts.PACKET_BYTES) {
      assert.equal(bytes[at], ts.SYNC_BYTE);
    }
    if (batch.key) assert.equal(ts.pid(bytes, 0), ts.PAT_PID);
  }
});

/** Decode and presentation times of packets, ticks of 90 kHz from the first decode time on. */
async function packetTimes(file: string): Promise<number[][]> {
  const { stdout, stderr } = await run("ffprobe", [
    ...["-v", "warning", "-select_streams", "v:0", "-of", "csv=p=0"],
    ...["-show_entries", "packet=dts_time,pts_time", file],
  ]);
  assert.equal(stderr, "");
  const lines = stdout.split("\n").filter((line) => /^[\d.]+,[\d.]+/.test(line)); // side data are lines too
  const times = lines.map((line) => line.split(",").slice(0, 2).map(Number));
  const first = Math.min(...times.flat());
  return times.map((each) => each.map((time) => Math.round((time - first) * 90_000)));
}

Deno.test({
  name: "fragments of a second of pictures, from another muxer: each picture at its own time",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-ts-out-" });
    try {
      const clip = join(folder, "clip.mp4");
      await run("ffmpeg", [
        ...["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "4"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-sc_threshold"],
        ...["0", "-pix_fmt", "yuv420p"],
        ...["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", clip],
      ]);
      const again = join(folder, "again.ts");
      await Deno.writeFile(again, mux(ingest(await Deno.readFile(clip))));
      assert.deepEqual(await packetTimes(again), await packetTimes(clip));
      assert.deepEqual(await decodedHashes(again), await decodedHashes(clip));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "Opus made again: ffprobe is silent, and the sound decodes to the same",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-ts-out-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 3, group: 25, sound: "opus" });
      const again = join(folder, "again.ts");
      await Deno.writeFile(again, mux(ingest(await Deno.readFile(clip))));
      await packetTimes(again); // without a word
      const sound = async (file: string): Promise<string> =>
        (await run("ffmpeg", ["-v", "error", "-i", file, "-map", "0:a:0", "-f", "md5", "-"]))
          .stdout;
      assert.match(await sound(again), /^MD5=/);
      assert.equal(await sound(again), await sound(clip));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
