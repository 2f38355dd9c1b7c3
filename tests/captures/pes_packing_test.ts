/**
 * Real captures whose pictures are put into PES packets otherwise than encoders do (ISO/IEC 13818-1 §2.4.3.7): several in
 * one, with the first's time stamp, or cut anywhere, each packet with that of the first that begins in it.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { Demuxed } from "../support/demuxed.ts";
import { hashOf } from "../support/expected_packets.ts";
import { Ingested, type OutSample, VIDEO } from "../support/ingested.ts";
import { H264, type PesDescription, TsBuilder, VIDEO_PID } from "../support/ts_builder.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
interface Capture {
  readonly path: string;
  /** Where its pictures are. */
  readonly pid: number;
  /** As expected payloads name it. */
  readonly codec: "h264" | "hevc";
  readonly sizes: readonly number[];
}

const SIZES = [263, 700, 1472, 2011, 3001, 5000, 7777, 20_000];
const SMALL = SIZES.filter((size) => size <= 5000);
/** With and without pictures out of order. */
const CAPTURES: readonly Capture[] = [
  { path: "gopro/derived-hero4_188.ts", pid: 0x1011, codec: "h264", sizes: SIZES },
  { path: "synth/synth-bframes-720p.ts", pid: 0x100, codec: "h264", sizes: SIZES },
  { path: "ts/shaka_hls-muxed-mp4-ts_000000000.ts", pid: 0x100, codec: "h264", sizes: SIZES },
  { path: "ts/mp2tstools_obs_hevc_aac.ts", pid: 0x100, codec: "hevc", sizes: SMALL },
  { path: "ts/media3_sample_h265.ts", pid: 0x100, codec: "hevc", sizes: SMALL },
];
const STREAM_TYPES = { h264: H264, hevc: 0x24 } as const;
const WRAP = 2 ** 33;
/** Pictures until the way they are packed is known. */
const LEARNT = 70;
/** A shorter capture is taken several times over. */
const MIN_PICTURES = LEARNT + 50;
/** 90 kHz. */
const MAX_OFF = 10;

interface Picture {
  readonly payload: Uint8Array;
  readonly pts: number;
  readonly dts: number;
}

async function picturesOf({ path, pid }: Capture): Promise<readonly Picture[]> {
  const found = new Demuxed().push(await Deno.readFile(join(media, path))).end();
  const once = found.packets(pid).map(({ payload, pts = 0, dts = 0 }) => ({
    payload,
    pts: pts - WRAP, // as they were stamped
    dts: dts - WRAP,
  }));
  const at = (index: number): number => once.at(index)?.dts ?? 0;
  const span = 2 * at(-1) - at(-2) - at(0);
  return Array.from(
    { length: Math.ceil(MIN_PICTURES / once.length) },
    (_, round) =>
      once.map(({ payload, pts, dts }) => ({
        payload,
        pts: pts + round * span,
        dts: dts + round * span,
      })),
  ).flat();
}

const stamps = ({ pts, dts }: Picture): Pick<PesDescription, "pts" | "dts"> =>
  pts === dts ? { pts } : { pts, dts };

function several(pictures: readonly Picture[], each: number): PesDescription[] {
  return Array.from({ length: Math.ceil(pictures.length / each) }, (_, i) => {
    const here = pictures.slice(i * each, (i + 1) * each);
    const [first] = here;
    return {
      payload: concatBytes(here.map(({ payload }) => payload.slice())),
      ...(first ? stamps(first) : {}),
    };
  });
}

function cutAnywhere(pictures: readonly Picture[], size: number): PesDescription[] {
  const bytes = concatBytes(pictures.map(({ payload }) => payload.slice()));
  let length = 0;
  const starts = pictures.map((picture) => {
    length += picture.payload.length;
    return { picture, at: length - picture.payload.length };
  });
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => {
    const first = starts.find(({ at }) => at >= i * size && at < (i + 1) * size);
    return {
      payload: bytes.subarray(i * size, (i + 1) * size),
      length: "exact" as const,
      ...(first ? stamps(first.picture) : {}),
    };
  });
}

function through(
  packets: readonly PesDescription[],
  { codec }: Capture,
): readonly OutSample[] {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: STREAM_TYPES[codec] }]);
  for (const each of packets) builder.pes(VIDEO_PID, each);
  const out = new Ingested().push(builder.bytes());
  out.ingest.end();
  assert.equal(out.segments.length, 1);
  return out.samples(VIDEO);
}

/** The last pictures came whole, and as far from each other as they were. */
function assertSame(
  came: readonly OutSample[],
  sent: readonly OutSample[],
  { count, codec }: { readonly count: number; readonly codec: string },
): void {
  const [here, there] = [came.slice(-count), sent.slice(-count)];
  const digest = (sample: OutSample): string => hashOf(sample, codec);
  assert.deepEqual(here.map(digest), there.map(digest));
  const later = (here.at(-1)?.dts ?? 0) - (there.at(-1)?.dts ?? 0);
  for (const [i, { dts, pts }] of here.entries()) {
    assert.ok(Math.abs(dts - (there[i]?.dts ?? 0) - later) <= MAX_OFF, `picture ${i}: decoded`);
    assert.ok(Math.abs(pts - (there[i]?.pts ?? 0) - later) <= MAX_OFF, `picture ${i}: shown`);
  }
}

for (const capture of CAPTURES) {
  const { path, codec, sizes } = capture;
  Deno.test({
    name: `several pictures to a packet, or packets cut anywhere, are the same pictures: ${path}`,
    ignore: folder === undefined,
    fn: async (t) => {
      const pictures = await picturesOf(capture);
      const sent = through(several(pictures, 1), capture);
      assert.equal(sent.length, pictures.length);
      for (const each of [2, 3, 7]) {
        await t.step(`${each} to a packet`, () => {
          const came = through(several(pictures, each), capture);
          assertSame(came, sent, { count: sent.length, codec });
        });
      }
      for (const size of sizes) {
        await t.step(`packets of ${size} bytes`, () => {
          const came = through(cutAnywhere(pictures, size), capture);
          assertSame(came, sent, { count: sent.length - LEARNT, codec });
          const known = new Set(sent.map((sample) => hashOf(sample, codec)));
          assert.ok(came.filter((sample) => !known.has(hashOf(sample, codec))).length <= 1);
        });
      }
    },
  });
}
