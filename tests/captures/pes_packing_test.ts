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
/** With and without pictures out of order; where their pictures are. */
const CAPTURES: readonly (readonly [path: string, pid: number, sizes: readonly number[]])[] = [
  ["gopro/derived-hero4_188.ts", 0x1011, [5000, 20_000]],
  ["synth/synth-bframes-720p.ts", 0x100, [700, 1472, 5000, 20_000]],
  ["ts/shaka_hls-muxed-mp4-ts_000000000.ts", 0x100, [700, 1472, 5000, 20_000]],
];
const WRAP = 2 ** 33;
/** Pictures until the way they are packed is known. */
const LEARNT = 70;
/** 90 kHz. */
const MAX_OFF = 10;

interface Picture {
  readonly payload: Uint8Array;
  readonly pts: number;
  readonly dts: number;
}

async function picturesOf(path: string, pid: number): Promise<readonly Picture[]> {
  const found = new Demuxed().push(await Deno.readFile(join(media, path))).end();
  return found.packets(pid).map(({ payload, pts = 0, dts = 0 }) => ({
    payload,
    pts: pts - WRAP, // as they were stamped
    dts: dts - WRAP,
  }));
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

function through(packets: readonly PesDescription[]): readonly OutSample[] {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  for (const each of packets) builder.pes(VIDEO_PID, each);
  const out = new Ingested().push(builder.bytes());
  out.ingest.end();
  assert.equal(out.segments.length, 1);
  return out.samples(VIDEO);
}

const digest = (sample: OutSample): string => hashOf(sample, "h264");

/** The last pictures came whole, and as far from each other as they were. */
function assertSame(came: readonly OutSample[], sent: readonly OutSample[], count: number): void {
  const [here, there] = [came.slice(-count), sent.slice(-count)];
  assert.deepEqual(here.map(digest), there.map(digest));
  const later = (here.at(-1)?.dts ?? 0) - (there.at(-1)?.dts ?? 0);
  for (const [i, { dts, pts }] of here.entries()) {
    assert.ok(Math.abs(dts - (there[i]?.dts ?? 0) - later) <= MAX_OFF, `picture ${i}: decoded`);
    assert.ok(Math.abs(pts - (there[i]?.pts ?? 0) - later) <= MAX_OFF, `picture ${i}: shown`);
  }
}

for (const [path, pid, sizes] of CAPTURES) {
  Deno.test({
    name: `several pictures to a packet, or packets cut anywhere, are the same pictures: ${path}`,
    ignore: folder === undefined,
    fn: async (t) => {
      const pictures = await picturesOf(path, pid);
      const sent = through(several(pictures, 1));
      assert.equal(sent.length, pictures.length);
      for (const each of [2, 3, 7]) {
        await t.step(`${each} to a packet`, () => {
          assertSame(through(several(pictures, each)), sent, sent.length);
        });
      }
      for (const size of sizes) {
        await t.step(`packets of ${size} bytes`, () => {
          const came = through(cutAnywhere(pictures, size));
          assertSame(came, sent, sent.length - LEARNT);
          const known = new Set(sent.map(digest));
          assert.ok(came.filter((sample) => !known.has(digest(sample))).length <= 1);
        });
      }
    },
  });
}
