/**
 * The real HERO4 preview from a camera on this machine, through source and pipeline: whole, damaged on the
 * way, and begun anew in the middle.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Ingest, type IngestOutput } from "../../relay/ingest/ingest.ts";
import { openSource, parseSource } from "../../relay/sources/mod.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import { findCaptures } from "../run/captures.ts";
import { type CameraOptions, GoProCamera } from "../support/gopro_camera.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { freeUdpPort } from "../support/udp_ports.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };
const [PICTURES, SOUNDS] = [252, 393];

interface Product extends IngestOutput {
  readonly inits: InitSegment[];
  readonly batches: Batch[];
}

async function film(
  camera: Partial<CameraOptions>,
  play: (camera: GoProCamera, ingest: Ingest, product: Product) => Promise<void>,
): Promise<void> {
  const capture = await Deno.readFile(join(folder ?? "", "gopro/hero4_video_input_mpegts.ts"));
  await using filming = GoProCamera.on({
    firmware: hero4,
    capture,
    streamPort: freeUdpPort(),
    speed: 6,
    ...camera,
  });
  const product: Product = {
    inits: [],
    batches: [],
    init: (segment) => void product.inits.push(segment),
    batch: (batch) => void product.batches.push(batch),
    status: () => undefined,
    note: () => undefined,
  };
  const ingest = new Ingest(product);
  const controller = new AbortController();
  const running = openSource(parseSource(filming.source)).run(ingest, controller.signal);
  try {
    await Promise.race([play(filming, ingest, product), running]);
  } finally {
    controller.abort();
    await running;
    ingest.end();
  }
}

/** All that was sent has come, or will not come any more. */
async function arrived(camera: GoProCamera, ingest: Ingest): Promise<void> {
  await camera.until(({ finished }) => finished);
  for (let before = -1; before !== ingest.counters.bytesIn;) {
    before = ingest.counters.bytesIn;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test(
  "HERO4: 252 pictures and 393 sounds come out, none waits for the next",
  options,
  async () => {
    await film({}, async (camera, ingest, product) => {
      await arrived(camera, ingest);
      // Without the end of the source: the header marks the end of the last picture too.
      const { counters } = ingest;
      assert.deepEqual([counters.videoSamples, counters.audioSamples], [PICTURES, SOUNDS]);
      assert.deepEqual([counters.datagramsLost, counters.damagedAccessUnits], [0, 0]);
      assert.deepEqual([counters.continuityGaps, counters.clockRestarts], [0, 0]);
      assert.equal(product.inits.length, 1);
      const pictures = product.batches.flatMap(({ fragments }) =>
        fragments.filter(({ track }) => track === 1)
      );
      assert.equal(pictures.length, PICTURES);
      assert.equal(pictures.filter(({ key }) => key).length, 32);
      const first = pictures[0]?.dts ?? 0;
      for (const [i, { dts }] of pictures.entries()) assert.equal(dts - first, i * 3003);
    });
  },
);

Deno.test(
  "HERO4: losses are counted as they were made, and only what they hit is missing",
  options,
  async () => {
    await film({ faults: { seed: 11, loss: 0.01 } }, async (camera, ingest) => {
      await arrived(camera, ingest);
      const { counters } = ingest;
      const { dropped } = camera;
      assert.ok(dropped.length > 3);
      assert.ok(
        dropped.every((slot, i) => dropped[i + 1] !== slot + 1),
        "no neighbours by this seed",
      );
      assert.equal(counters.datagramsLost, dropped.length);
      assert.ok(counters.videoSamples < PICTURES && counters.videoSamples > PICTURES / 2);
      const pictures = counters.videoSamples + counters.heldAccessUnits;
      assert.ok(pictures >= PICTURES - dropped.length, `${pictures} of ${PICTURES}`);
      assert.ok(counters.audioSamples >= SOUNDS - dropped.length);
    });
  },
);

Deno.test(
  "HERO4: a camera that begins anew is a new generation on the same timeline",
  options,
  async () => {
    await film({}, async (camera, ingest, product) => {
      await camera.until(({ sent }) => sent > 300);
      camera.freeze();
      await camera.until(({ starts, finished }) => starts === 2 && finished);
      await arrived(camera, ingest);
      assert.equal(product.inits.length, 2);
      assert.equal(ingest.counters.datagramsLost, 0);
      const again = product.batches.filter(({ generation }) => generation === 2)
        .flatMap(({ fragments }) => fragments.filter(({ track }) => track === 1));
      assert.equal(again.length, PICTURES);
      const before = product.batches.filter(({ generation }) => generation === 1).at(-1);
      const last = before?.fragments.at(-1)?.dts ?? 0;
      assert.ok((again[0]?.dts ?? 0) > last);
    });
  },
);
