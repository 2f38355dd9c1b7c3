/**
 * Recorded H.264 as `v4l2-ctl` writes it, from a program that plays it in its place: every picture, whole, at the time it was
 * taken; in both ways in which drivers frame parameter sets.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { SourceError } from "../../relay/sources/source.ts";
import { openV4l2, v4l2 } from "../../relay/sources/v4l2/v4l2.ts";
import { findCaptures } from "../run/captures.ts";
import { Ingested, VIDEO } from "../support/ingested.ts";
import { decodedHashes } from "../support/judges.ts";
import { writeGenerations } from "../support/muxed_file.ts";
import { type CameraFrame, framesOf } from "../support/v4l2_recording.ts";
import { V4l2StandIn } from "../support/v4l2_stand_in.ts";

const { folder = "" } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === "" };
/** Until then the relay learns how soon after they were taken pictures reach it. */
const LEARNT_US = 1_000_000;
/** The muxer counts at 90 kHz; the learning never quite ends. */
const MAX_OFF_US = 2_000;

interface Recorded {
  readonly path: string;
  readonly pictures: number;
  /** Played so much faster than it was recorded. */
  readonly speed: number;
  readonly setsApart: boolean;
}

const RECORDED: Readonly<Record<string, Recorded>> = {
  "a GoPro's preview at 90 pictures a second, parameter sets within": {
    ...{ path: "gopro/derived-hero4_188.ts", pictures: 252, speed: 90 / 29.97, setsApart: false },
  },
  "a GoPro's preview at 90 pictures a second, parameter sets apart": {
    ...{ path: "gopro/derived-hero4_188.ts", pictures: 252, speed: 90 / 29.97, setsApart: true },
  },
  "pictures at uneven times": {
    ...{ path: "synth/synth-vfr.ts", pictures: 192, speed: 2, setsApart: false },
  },
};

for (const [name, { path, pictures, speed, setsApart }] of Object.entries(RECORDED)) {
  Deno.test(`v4l2, recorded: ${name}`, options, async () => {
    const capture = join(folder, path);
    const recording = (await framesOf(capture)).map(({ bytes, at }): CameraFrame => ({
      bytes,
      at: Math.round(at / speed),
    }));
    assert.equal(recording.length, pictures);
    await using standIn = await V4l2StandIn.make({ recording, setsApart });
    const source = openV4l2(v4l2.parse("v4l2:/dev/video0?size=320x240&fps=90"), {
      camera: standIn.program,
    });
    const { format, clock, reliable } = source;
    const product = new Ingested({ format, clock, reliable });
    await assert.rejects(
      source.run(product.ingest, new AbortController().signal),
      (error: unknown) => error instanceof SourceError && /has stopped/.test(error.message),
    );
    product.ingest.end();

    const samples = product.samples(VIDEO);
    assert.equal(samples.length, pictures);
    const [first] = samples;
    assert.ok(first);
    const off = samples.map(({ pts }, at) =>
      ((pts - first.pts) * 1e6) / 90_000 - (recording[at]?.at ?? 0)
    );
    const learnt = off.filter((_, at) => (recording[at]?.at ?? 0) > LEARNT_US);
    const spread = Math.max(...learnt) - Math.min(...learnt);
    assert.ok(learnt.length > pictures / 3 && spread < MAX_OFF_US, `${spread} µs`);

    // The pictures themselves, by ffmpeg: the capture's, each of them, in order.
    const [file, ...others] = await writeGenerations(product, standIn.folder);
    assert.ok(file !== undefined && others.length === 0);
    assert.deepEqual(await decodedHashes(file), await decodedHashes(capture));
  });
}
