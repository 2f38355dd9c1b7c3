/**
 * A simulated GoPro and everything that source and pipeline make of what it films.
 *
 * @module
 */

import { Ingest, type IngestOutput } from "../../relay/ingest/ingest.ts";
import { openSource, parseSource } from "../../relay/sources/mod.ts";
import type { Source } from "../../relay/sources/source.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import { type CameraOptions, GoProCamera } from "./gopro_camera.ts";
import { hero4 } from "./gopro_firmware.ts";
import { type OutSample, samplesOf } from "./ingested.ts";
import { freeUdpPort } from "./ports.ts";

/** What comes out of the pipeline. */
export interface Product extends IngestOutput {
  readonly inits: InitSegment[];
  readonly batches: Batch[];
}

/** A camera that is watched. */
export interface Filming {
  readonly camera: GoProCamera;
  readonly source: Source;
  readonly ingest: Ingest;
  readonly product: Product;
}

/** Turns a camera on that films `capture`, a HERO4 unless told otherwise, and watches it while `play` looks. */
export async function film(
  camera: Pick<CameraOptions, "capture"> & Partial<CameraOptions>,
  play: (filming: Filming) => Promise<void>,
): Promise<void> {
  await using filming = GoProCamera.on({
    firmware: hero4,
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
  const source = openSource(parseSource(filming.source));
  const running = source.run(ingest, controller.signal);
  try {
    await Promise.race([play({ camera: filming, source, ingest, product }), running]);
  } finally {
    controller.abort();
    await running;
    ingest.end();
  }
}

/** All that was sent has come, or will not come any more. */
export async function arrived({ camera, ingest }: Filming): Promise<void> {
  await camera.until(({ finished }) => finished);
  for (let before = -1; before !== ingest.counters.bytesIn;) {
    before = ingest.counters.bytesIn;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Samples of a track, of one generation. */
export function samplesIn({ batches }: Product, generation: number, track: number): OutSample[] {
  return batches.filter((batch) => batch.generation === generation)
    .flatMap(samplesOf).filter((sample) => sample.track === track);
}
