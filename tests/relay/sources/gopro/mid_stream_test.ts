/**
 * What a GoPro does to its stream while it runs, from the camera's datagrams to what viewers get: a clock that
 * begins again (HERO7), another resolution (HERO4, while it records), a preview that comes back after the shutter.
 */
import assert from "node:assert/strict";
import { Ingest } from "../../../../relay/ingest/ingest.ts";
import { gopro, openGoPro } from "../../../../relay/sources/gopro/gopro.ts";
import { concatBytes } from "../../../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../../../shared/media.ts";
import { pps, sps } from "../../../support/avc_builder.ts";
import { CameraStream } from "../../../support/camera_stream.ts";
import { GoProCamera } from "../../../support/gopro_camera.ts";
import { goProDatagrams } from "../../../support/gopro_datagrams.ts";
import { hero4 } from "../../../support/gopro_firmware.ts";
import { IMPATIENT } from "../../../support/gopro_scene.ts";
import { freeUdpPort } from "../../../support/ports.ts";

interface Seen {
  readonly segments: InitSegment[];
  readonly batches: Batch[];
  readonly ingest: Ingest;
}

/** Watches a camera that sends `stream` again and again, until `met`. */
async function watch(
  stream: Uint8Array,
  met: (seen: Seen, camera: GoProCamera) => boolean,
): Promise<Seen> {
  await using camera = GoProCamera.on({
    firmware: hero4,
    capture: concatBytes(goProDatagrams(stream)),
    streamPort: freeUdpPort(),
    repeat: true,
    speed: 4,
  });
  const controller = new AbortController();
  const done = Promise.withResolvers<void>();
  const segments: InitSegment[] = [];
  const batches: Batch[] = [];
  const ingest = new Ingest({
    init: (segment) => void segments.push(segment),
    batch: (batch) => {
      batches.push(batch);
      if (met({ segments, batches, ingest }, camera)) done.resolve();
    },
    status: () => {},
    note: () => {},
  }, { format: "mpegts" });
  const running = openGoPro(gopro.parse(camera.source), IMPATIENT).run(ingest, controller.signal);
  await Promise.race([done.promise, running]);
  controller.abort();
  await running;
  return { segments, batches, ingest };
}

Deno.test("a clock that begins again begins a generation, and no picture is lost or goes back", async () => {
  const stream = new CameraStream(0).tables().group(15).group(15).take();
  const { segments, batches, ingest } = await watch(
    stream,
    ({ segments }) => segments.length >= 3,
  );
  assert.ok(ingest.counters.clockRestarts >= 2);
  assert.equal(ingest.counters.damagedAccessUnits, 0);
  assert.deepEqual(segments.map(({ generation }) => generation), [1, 2, 3]);
  const times = batches.flatMap(({ fragments }) =>
    fragments.filter(({ track }) => track === 1).map(({ dts }) => dts)
  );
  assert.deepEqual(times, [...times].sort((a, b) => a - b), "the stream's own clock goes on");
  const pictures = batches.filter(({ generation, fragments }) =>
    generation === 1 && fragments.some(({ track }) => track === 1)
  );
  assert.equal(pictures.length, 30);
  for (const generation of [2, 3]) {
    assert.equal(batches.find((batch) => batch.generation === generation)?.key, true);
  }
});

Deno.test("another resolution begins a generation at its key picture", async () => {
  const camera = new CameraStream(0).tables().group(15);
  camera.sets = [sps({ widthMbs: 53, heightMapUnits: 30 }), pps()];
  const stream = camera.group(15).take();
  const { segments } = await watch(stream, ({ segments }) => segments.length >= 2);
  const sizes = segments.map(({ tracks }) =>
    tracks.flatMap((track) => track.kind === "video" ? [`${track.width}×${track.height}`] : [])
  );
  assert.notDeepEqual(sizes[0], sizes[1]);
  assert.deepEqual(sizes[1], ["848×480"]);
});

Deno.test("a preview that the shutter stopped comes back as a generation of its own", async () => {
  const stream = new CameraStream(0).tables().group(15).group(15).take();
  let frozen = false;
  const { ingest } = await watch(stream, ({ batches, segments }, camera) => {
    if (!frozen && batches.length > 10) {
      frozen = true;
      camera.freeze();
    }
    return frozen && camera.starts === 2 && segments.length >= 2;
  });
  assert.ok(ingest.counters.videoSamples > 10);
});
