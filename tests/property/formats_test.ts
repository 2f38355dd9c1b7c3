/**
 * Every contribution format but MPEG-TS, which has tests of its own: the same bytes cut anywhere give the same
 * samples, and nothing that is done to them is thrown out of the pipeline.
 */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { adts, rawFrame } from "../support/adts_builder.ts";
import {
  annexB,
  DELIMITER,
  FILLER,
  pictureSlice,
  pps,
  recoveryPoint,
  SEI,
  sps,
} from "../support/avc_builder.ts";
import { CameraStream } from "../support/camera_stream.ts";
import { assertInvariant, cutsOf, product, SINGLE_BYTES } from "../support/chunks.ts";
import { Ingested } from "../support/ingested.ts";
import { randomFrom } from "../support/random.ts";

function h264(): Bytes {
  const pictures = Array.from({ length: 24 }, (_, i) => {
    const key = i % 8 === 0;
    const head = key ? [sps(), pps(), recoveryPoint(0)] : i % 3 === 0 ? [DELIMITER, SEI] : [];
    const type = key ? "idr" : "reference";
    const slices = [0, 150].map((firstMb) =>
      pictureSlice({ type, firstMb, frameNum: i % 8, seed: i })
    );
    return annexB([...head, ...slices, ...(i % 5 === 0 ? [FILLER] : [])], {
      startCode: i % 2 === 0 ? 3 : 4,
      trailingZeros: i % 4,
    });
  });
  return concatBytes(pictures);
}

/** What our own muxer makes; under another brand it is anybody's. */
function mp4({ own }: { readonly own: boolean }): Bytes {
  const out = new Ingested().push(new CameraStream().tables().group(8).group(8).take());
  out.ingest.end();
  const bytes = concatBytes([
    ...out.segments.map((segment) => segment.bytes),
    ...out.batches.map((batch) => batch.bytes),
  ]);
  const brand = new TextDecoder("latin1").decode(bytes.subarray(0, 64)).indexOf("rill");
  assert.ok(brand > 0);
  if (!own) bytes.set([0x78, 0x78, 0x78, 0x78], brand);
  return bytes;
}

const STREAMS: readonly (readonly [name: string, bytes: Bytes])[] = [
  ["H.264", h264()],
  ["ADTS", concatBytes(Array.from({ length: 30 }, (_, i) => adts({ payload: rawFrame(i) })))],
  ["fragmented MP4", mp4({ own: false })],
  ["fragmented MP4 of our own", mp4({ own: true })],
];

const MUTATIONS = 150;

for (const [name, stream] of STREAMS) {
  Deno.test(`cut anywhere: ${name}`, () => {
    const whole = product(stream, { name: "whole", next: () => stream.length });
    assert.ok(whole.filter((line) => line.includes("/")).length > 20, "something came");
    assertInvariant(stream, [SINGLE_BYTES, ...cutsOf([1, 2, 3])]);
  });

  Deno.test(`damaged: ${name}, cut anywhere, seeds 1 to ${MUTATIONS}`, () => {
    for (let seed = 1; seed <= MUTATIONS; seed++) {
      const bytes = damage(stream, randomFrom(seed));
      assertInvariant(bytes, cutsOf([seed]).slice(seed % 9, seed % 9 + 3));
    }
  });
}

/** Bits turned, a piece lost, doubled or overwritten; lengths that lie are among them. */
function damage(stream: Bytes, random: (below: number) => number): Bytes {
  let bytes = stream.slice();
  for (let times = random(4); times >= 0; times--) {
    const at = random(bytes.length);
    const length = 1 + random(400);
    switch (random(4)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ 1 << random(8);
        break;
      case 1:
        bytes = concatBytes([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 2:
        bytes = concatBytes([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      default:
        bytes.subarray(at, at + length).fill([0, 0xff, random(256)][random(3)] ?? 0);
    }
  }
  return bytes;
}
