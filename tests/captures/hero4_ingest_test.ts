/**
 * The real HERO4 preview from a camera on this machine, through source and pipeline: whole, damaged on the
 * way, and begun anew in the middle.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { arrived, film, samplesIn } from "../support/filming.ts";
import { VIDEO } from "../support/ingested.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };
const [PICTURES, SOUNDS] = [252, 393];

const capture = (): Promise<Uint8Array> =>
  Deno.readFile(join(folder ?? "", "gopro/hero4_video_input_mpegts.ts"));

Deno.test(
  "HERO4: 252 pictures and 393 sounds come out, none waits for the next",
  options,
  async () => {
    await film({ capture: await capture() }, async (filming) => {
      await arrived(filming);
      const { ingest, product } = filming;
      // Without the end of the source: the header marks the end of the last picture too.
      const { counters } = ingest;
      assert.deepEqual([counters.videoSamples, counters.audioSamples], [PICTURES, SOUNDS]);
      assert.deepEqual([counters.datagramsLost, counters.damagedAccessUnits], [0, 0]);
      assert.deepEqual([counters.continuityGaps, counters.clockRestarts], [0, 0]);
      assert.equal(product.inits.length, 1);
      const pictures = samplesIn(product, 1, VIDEO);
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
    const faults = { seed: 11, loss: 0.01 };
    await film({ capture: await capture(), faults }, async (filming) => {
      await arrived(filming);
      const { counters } = filming.ingest;
      const { dropped } = filming.camera;
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
    await film({ capture: await capture() }, async (filming) => {
      const { camera, ingest, product } = filming;
      await camera.until(({ sent }) => sent > 300);
      camera.freeze();
      await camera.until(({ starts, finished }) => starts === 2 && finished);
      await arrived(filming);
      assert.equal(product.inits.length, 2);
      assert.equal(ingest.counters.datagramsLost, 0);
      const again = samplesIn(product, 2, VIDEO);
      assert.equal(again.length, PICTURES);
      const before = product.batches.filter(({ generation }) => generation === 1).at(-1);
      const last = before?.fragments.at(-1)?.dts ?? 0;
      assert.ok((again[0]?.dts ?? 0) > last);
    });
  },
);
