/**
 * Real captures of which sound, pictures or both are missing for a while: by another reader's word, everything that
 * follows is where the camera had it, sound beside its pictures.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { readExpected } from "../support/expected_packets.ts";
import { Ingested } from "../support/ingested.ts";
import { hasPayload, pidOf } from "../support/mutations.ts";
import { randomFrom } from "../support/random.ts";
import { run } from "../support/run.ts";
import { PACKET } from "../support/ts_builder.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";

interface Capture {
  readonly path: string;
  readonly pictures: number;
  readonly sound: number;
}

/** No two of their packets are alike: each is known by its bytes. Their PIDs. */
const CAPTURES: readonly Capture[] = [
  { path: "gopro/derived-hero4_188.ts", pictures: 0x1011, sound: 0x1100 },
  { path: "synth/synth-wrap.ts", pictures: 0x100, sound: 0x101 },
  { path: "ts/haishinkit_SampleVideo_360x240_5mb_2ch.ts", pictures: 0x100, sound: 0x101 },
  { path: "ts/shaka_hls-muxed-mp4-ts_000000000.ts", pictures: 0x100, sound: 0x101 },
  { path: "ts/shaka_hls-ts-muxed-opus-h264-2880_segment.ts", pictures: 0x100, sound: 0x101 },
];
const KINDS = ["sound", "pictures", "both"] as const;
const SEEDS = [1, 2, 3, 4];
const ABSENCES = 3;
/** A counter of 4 bits does not show that as many are missing. */
const CONTINUITY = 16;
/** 90 kHz: two milliseconds, where a frame has sixteen or more. */
const MAX_OFF = 180;

/** The stream without what `lost` of it sends for {@link ABSENCES} whiles. */
function without(
  packets: readonly Uint8Array[],
  lost: readonly number[],
  random: (below: number) => number,
): Uint8Array[] {
  let left = [...packets];
  for (let i = 0; i < ABSENCES; i++) {
    const from = Math.floor(left.length * (0.1 + 0.25 * i)) + random(20);
    const until = from + 20 + random(Math.floor(left.length / 8));
    const missing = new Map(lost.map((pid) => [pid, 0]));
    left = left.filter((packet, at) => {
      const pid = pidOf(packet);
      const count = missing.get(pid);
      if (at < from || count === undefined || !hasPayload(packet)) return true;
      // One more where the counter would have come round.
      if (at >= until && (count === 0 || count % CONTINUITY !== 0)) return true;
      missing.set(pid, count + 1);
      return false;
    });
  }
  return left;
}

interface Probed {
  readonly codec_type: "video" | "audio";
  readonly pts_time: string;
  readonly data_hash: string;
}

/** What ffprobe finds in the product: bytes and times of every packet. */
async function probe(out: Ingested): Promise<readonly Probed[]> {
  const file = await Deno.makeTempFile({ prefix: "rill-times-", suffix: ".mp4" });
  try {
    const parts = [...out.segments, ...out.batches].map(({ bytes }) => bytes);
    await Deno.writeFile(file, concatBytes(parts));
    const { stdout } = await run("ffprobe", [
      ...["-v", "error", "-show_packets", "-show_data_hash", "sha160"],
      ...["-show_entries", "packet=codec_type,pts_time,data_hash", "-of", "json", file],
    ]);
    return (JSON.parse(stdout) as { readonly packets: readonly Probed[] }).packets;
  } finally {
    await Deno.remove(file);
  }
}

const hashOf = ({ data_hash }: Probed): string => data_hash.replace(/^\w+:/, "").slice(0, 16);

for (const { path, ...pids } of CAPTURES) {
  Deno.test({
    name: `missing for a while, sound and pictures are on time again: ${path}`,
    ignore: folder === undefined,
    fn: async (t) => {
      const bytes = await Deno.readFile(join(media, path));
      const packets = Array.from(
        { length: bytes.length / PACKET },
        (_, i) => bytes.subarray(i * PACKET, (i + 1) * PACKET),
      );
      const streams = (await readExpected(media, path)).filter(({ packets }) => packets.length > 0);
      const sent = new Map(
        streams.flatMap((stream) => stream.packets.map(({ hash, pts }) => [hash, pts] as const)),
      );
      for (const kind of KINDS) {
        const lost = kind === "both" ? [pids.pictures, pids.sound] : [pids[kind]];
        for (const seed of SEEDS) {
          await t.step(`${kind}, seed ${seed}`, async () => {
            const left = without(packets, lost, randomFrom(seed));
            assert.ok(left.length < packets.length);
            const out = new Ingested().push(concatBytes(left.map((packet) => packet.slice())));
            out.ingest.end();
            assert.equal(out.segments.length, 1);
            assertOnTime(await probe(out), sent, out);
            const { videoSamples, audioSamples } = out.ingest.counters;
            for (const { kind: of, packets: all } of streams) {
              const came = of === "video" ? videoSamples : audioSamples;
              const isWhole = kind !== "both" && (of === "video") !== (kind === "pictures");
              assert.ok(isWhole ? came === all.length : came < all.length, `${came} ${of} samples`);
            }
          });
        }
      }
    },
  });
}

/** Every packet is one that was sent, or silence in a sound's place, and all are later by the same time. */
function assertOnTime(
  packets: readonly Probed[],
  sent: ReadonlyMap<string, number>,
  { ingest: { counters } }: Ingested,
): void {
  let constant: number | undefined;
  let silent = 0;
  for (const packet of packets) {
    const pts = sent.get(hashOf(packet));
    if (pts === undefined) {
      assert.equal(packet.codec_type, "audio", `a picture at ${packet.pts_time} that was not sent`);
      silent++;
      continue;
    }
    const later = Number(packet.pts_time) * 90_000 - pts;
    constant ??= later;
    const off = later - constant;
    assert.ok(
      Math.abs(off) <= MAX_OFF,
      `${packet.codec_type} at ${packet.pts_time}: ${off} ticks off`,
    );
  }
  assert.equal(silent, counters.silentSamples);
  assert.equal(packets.length, counters.videoSamples + counters.audioSamples + silent);
}
