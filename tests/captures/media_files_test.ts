/**
 * Every MPEG-TS capture through the pipeline: payloads, times and key flags of each packet are those that another
 * reader found, times up to one constant for all tracks.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatagramReader, passOn } from "../../relay/sources/datagram.ts";
import { GOPRO_DATAGRAM_BYTES } from "../../relay/sources/gopro_header.ts";
import { micros } from "../../shared/units.ts";
import { findCaptures } from "../run/captures.ts";
import { type ExpectedStream, hashOf, readExpected } from "../support/expected_packets.ts";
import { AUDIO, Ingested, type OutSample, VIDEO } from "../support/ingested.ts";
import { PACKET, withParity, withTimeCodes } from "../support/ts_builder.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
const CHUNK_BYTES = 7 * 188;
const GOPRO = "gopro/hero4_video_input_mpegts.ts";
/** Codecs of the lists that are played. */
const PLAYED = ["h264", "hevc", "aac", "opus"];

function captures(): string[] {
  if (folder === undefined) return [];
  return ["ts", "synth", "gopro"].flatMap((part) =>
    [...Deno.readDirSync(join(folder, part))].filter(({ name }) => name.endsWith(".ts"))
      .map(({ name }) => `${part}/${name}`)
  ).filter((path) => path !== GOPRO).sort();
}

/** Times to a tick of 90 kHz; a sound sample counts in its own timescale. */
function assertTrack(samples: readonly OutSample[], expected: ExpectedStream, options: {
  readonly timescale: number;
  readonly constant: number;
}): void {
  const { codec, packets } = expected;
  assert.equal(samples.length, packets.length, `${codec}: as many`);
  samples.forEach((sample, i) => {
    const packet = packets[i];
    const where = `${codec}, packet ${i}`;
    assert.equal(hashOf(sample, codec), packet?.hash, `${where}: payload`);
    assert.equal(sample.key, packet?.key, `${where}: key`);
    const tick = 90_000 / options.timescale;
    const off = sample.pts * tick - (packet?.pts ?? 0) - options.constant;
    assert.ok(Math.abs(off) <= Math.max(1, tick), `${where}: ${off} ticks off`);
  });
}

function assertAsExpected(out: Ingested, streams: readonly ExpectedStream[]): void {
  const played = streams.filter(({ codec, packets }) =>
    PLAYED.includes(codec) && packets.length > 0
  );
  const [segment] = out.segments;
  assert.equal(out.segments.length, 1);
  assert.equal(segment?.tracks.length, played.length);
  const tracks = played.map((expected) => {
    const id = expected.kind === "video" ? VIDEO : AUDIO;
    const timescale = segment?.tracks.find((track) => track.id === id)?.timescale ?? 0;
    return { expected, timescale, samples: out.samples(id) };
  });
  const [first] = tracks;
  assert.ok(first);
  // Of the first track's first sample; it holds for all others.
  const constant = (first.samples[0]?.pts ?? 0) * 90_000 / first.timescale -
    (first.expected.packets[0]?.pts ?? 0);
  for (const { expected, samples, timescale } of tracks) {
    assertTrack(samples, expected, { timescale, constant });
  }
}

for (const capture of captures()) {
  Deno.test(`through the pipeline: ${capture}`, async () => {
    const bytes = await Deno.readFile(join(media, capture));
    const out = new Ingested();
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      out.push(bytes.subarray(at, at + CHUNK_BYTES));
    }
    out.ingest.end();
    assertAsExpected(out, await readExpected(media, capture));
    const { counters } = out.ingest;
    assert.deepEqual(
      [counters.unreadable, counters.continuityGaps, counters.pesErrors, counters.lateTailBytes],
      [0, 0, 0, 0],
    );
  });
}

for (const [name, lay] of [["192", withTimeCodes], ["204", withParity]] as const) {
  Deno.test(`through the pipeline: every capture, laid out anew in packets of ${name} bytes`, async () => {
    for (const capture of captures()) {
      const bytes = await Deno.readFile(join(media, capture));
      const packets = Array.from(
        { length: bytes.length / PACKET },
        (_, i) => bytes.subarray(i * PACKET, (i + 1) * PACKET),
      );
      const out = new Ingested().push(lay(packets));
      out.ingest.end();
      assertAsExpected(out, await readExpected(media, capture));
      assert.equal(out.ingest.counters.resyncBytes, 0);
    }
  });
}

Deno.test({
  name: "through the pipeline: the HERO4's datagrams, headers and padding kept",
  ignore: folder === undefined,
  fn: async () => {
    const bytes = await Deno.readFile(join(media, GOPRO));
    const out = new Ingested();
    const reader = new DatagramReader();
    for (let at = 0; at < bytes.length; at += GOPRO_DATAGRAM_BYTES) {
      const content = reader.read(bytes.subarray(at, at + GOPRO_DATAGRAM_BYTES));
      assert.ok(content);
      const before = out.ingest.counters.videoSamples;
      passOn(content, out.ingest, micros(at));
      // The header says where a picture ends: none waits for the next datagram.
      if (content.endOfFrame) assert.equal(out.ingest.counters.videoSamples, before + 1);
    }
    assertAsExpected(out, await readExpected(media, GOPRO));
  },
});
