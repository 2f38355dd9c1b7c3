/** What a transport stream may carry beside the usual, through the whole pipeline: played, passed over, or refused in words. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { adts, rawFrame } from "../../support/adts_builder.ts";
import { CameraStream, SOUND_TICKS } from "../../support/camera_stream.ts";
import { product } from "../../support/chunks.ts";
import { AUDIO, Ingested, steps, VIDEO } from "../../support/ingested.ts";
import { opusDescriptors, opusPacket, opusUnit } from "../../support/opus_builder.ts";
import {
  AAC,
  AUDIO_ID,
  AUDIO_PID,
  H264,
  type StreamLine,
  TsBuilder,
  VIDEO_PID,
  withParity,
  withTimeCodes,
} from "../../support/ts_builder.ts";
import { upTo } from "../../support/up_to.ts";

const PRIVATE_STREAM_1 = 0xbd;
const METADATA_PID = 0x1f0;
const PICTURES: StreamLine = { pid: VIDEO_PID, type: H264 };
const SOUND: StreamLine = { pid: AUDIO_PID, type: AAC };

function opusLine(code?: number): StreamLine {
  return { pid: AUDIO_PID, type: 0x06, descriptors: opusDescriptors(code) };
}

/** Opus packets of 20 ms from `first` on, two in a PES packet. */
function opusSound(builder: TsBuilder, first: number, count: number): void {
  for (let i = first; i < first + count; i += 2) {
    builder.pes(AUDIO_PID, {
      streamId: PRIVATE_STREAM_1,
      payload: concatBytes([opusUnit(opusPacket(i)), opusUnit(opusPacket(i + 1))]),
      pts: 900_000 + i * 1800,
      length: "exact",
    });
  }
}

function passed(camera: { take(): Uint8Array }): Ingested {
  const out = new Ingested().push(camera.take());
  out.ingest.end();
  return out;
}

Deno.test("Opus beside pictures: what it is called, how it counts, every packet", () => {
  const camera = new CameraStream();
  camera.builder.pat().pmt([PICTURES, opusLine(2)]);
  for (let i = 0; i < 5; i++) {
    opusSound(camera.builder, 2 * i, 2);
    camera.picture({ key: i === 0 });
  }
  const out = passed(camera);
  const [segment] = out.segments;
  assert.match(segment?.mime ?? "", /^video\/mp4; codecs="avc1\.\w+,opus"$/);
  assert.deepEqual(segment?.tracks.map(({ sampleEntry }) => sampleEntry), ["avc1", "Opus"]);
  assert.deepEqual(steps(out.times(AUDIO)), Array.from({ length: 9 }, () => 960));
  assert.deepEqual(
    out.samples(AUDIO).map(({ payload }) => payload[1]),
    upTo(10).map((i) => opusPacket(i)[1]),
  );
  assert.deepEqual(out.notes, []);
});

Deno.test("Opus alone, and a map that gives it other channels: another generation", () => {
  const builder = new TsBuilder().pat().pmt([opusLine(1)]);
  opusSound(builder, 0, 10);
  builder.pmt([opusLine(2)], { version: 1 });
  opusSound(builder, 10, 10);
  const out = passed(builder);
  assert.deepEqual(
    out.segments.map(({ tracks: [track] }) => track?.kind === "audio" ? track.channels : 0),
    [1, 2],
  );
  assert.deepEqual(out.samples(AUDIO).map(({ generation }) => generation), [
    ...Array.from({ length: 10 }, () => 1),
    ...Array.from({ length: 10 }, () => 2),
  ]);
  assert.equal(out.segments[0]?.mime, 'audio/mp4; codecs="opus"');
});

Deno.test("timed ID3 is passed over in silence", () => {
  const camera = new CameraStream();
  camera.builder.pat().pmt([{ pid: METADATA_PID, type: 0x15 }, SOUND]);
  const id3 = new TextEncoder().encode("ID3 of a stream");
  camera.builder.pes(METADATA_PID, { streamId: PRIVATE_STREAM_1, payload: id3, pts: 900_000 });
  camera.sound(4);
  const out = passed(camera);
  assert.deepEqual([out.samples(AUDIO).length, out.notes.length], [4, 0]);
  assert.equal(out.ingest.counters.unreadable, 0);
});

/** Streams beside pictures that are played; what must be said of them, nothing if empty. */
const BESIDE: readonly (readonly [string, StreamLine, string])[] = [
  ["AAC in LATM", { pid: AUDIO_PID, type: 0x11 }, "AAC sound in LATM"],
  ["AAC without ADTS", { pid: AUDIO_PID, type: 0x1c }, "AAC sound without ADTS"],
  ["AC-3 as ATSC has it", { pid: AUDIO_PID, type: 0x81 }, "AC-3 sound"],
  [
    "private data registered as E-AC-3",
    { pid: AUDIO_PID, type: 0x06, descriptors: [5, 4, 0x45, 0x41, 0x43, 0x33] },
    "E-AC-3 sound",
  ],
  ["private data of which nothing is known", { pid: AUDIO_PID, type: 0x06 }, ""],
  ["private data with damaged descriptors", {
    pid: AUDIO_PID,
    type: 0x06,
    descriptors: [5, 40, 0x4f],
  }, ""],
  ["private sections", { pid: AUDIO_PID, type: 0x05 }, ""],
  ["a stream type of nobody's", { pid: AUDIO_PID, type: 0xd9 }, ""],
];

for (const [name, line, said] of BESIDE) {
  Deno.test(`beside pictures, ${name}: ${said === "" ? "passed over" : "said in words"}`, () => {
    const camera = new CameraStream();
    camera.builder.pat().pmt([line, PICTURES]);
    camera.builder.pes(AUDIO_PID, { streamId: PRIVATE_STREAM_1, payload: rawFrame(1), pts: 0 });
    const out = passed(camera.picturesOnly(4));
    assert.equal(out.samples(VIDEO).length, 4);
    assert.equal(out.notes.length, said === "" ? 0 : 1);
    if (said !== "") assert.ok(out.notes[0]?.includes(`also sends ${said};`), out.notes.join());
    assert.deepEqual(out.segments[0]?.tracks.map(({ kind }) => kind), ["video"]);
  });
}

Deno.test("sound whose channels are described inside the frames is refused in words, pictures are played", () => {
  const camera = new CameraStream().tables();
  camera.adts = { channels: 0 };
  for (let i = 0; i < 4; i++) camera.group(10);
  const out = passed(camera);
  assert.equal(out.samples(VIDEO).length, 40);
  assert.equal(out.samples(AUDIO).length, 0);
  assert.match(out.notes.join(), /channel configuration 0.*mono or stereo/);
});

Deno.test("AAC frames that are cut by their PES packets, several to a packet, are whole and on time", () => {
  const frames = Array.from({ length: 24 }, (_, i) => adts({ payload: rawFrame(i, 90 + i % 7) }));
  const bytes = concatBytes(frames);
  const starts = frames.map((_, i) =>
    frames.slice(0, i).reduce((sum, each) => sum + each.length, 0)
  );
  for (const size of [50, 97, 150, 333, 1000]) {
    const builder = new TsBuilder().pat().pmt([SOUND]);
    for (let at = 0; at < bytes.length; at += size) {
      const first = starts.findIndex((start) => start >= at); // the first frame that begins here
      const begins = first >= 0 && (starts[first] ?? 0) < at + size;
      builder.pes(AUDIO_PID, {
        streamId: AUDIO_ID,
        payload: bytes.subarray(at, at + size),
        ...(begins ? { pts: Math.round(900_000 + first * SOUND_TICKS) } : {}),
      });
    }
    const out = passed(builder);
    assert.equal(out.samples(AUDIO).length, frames.length, `${size} bytes each`);
    assert.ok(steps(out.times(AUDIO)).every((step) => step === 1024), `${size} bytes each`);
    assert.equal(out.ingest.counters.unreadable, 0);
  }
});

for (const [name, lay] of [["192", withTimeCodes], ["204", withParity]] as const) {
  Deno.test(`packets of ${name} bytes give what those of 188 give`, () => {
    const { builder } = new CameraStream().tables().group(8).group(8);
    const cuts = { name: "a datagram each", next: () => 1316 };
    const plain = product(builder.bytes(), cuts).filter((line) => !line.startsWith("bytesIn"));
    const laid = product(lay(builder.packets), cuts).filter((line) => !line.startsWith("bytesIn"));
    assert.deepEqual(laid, plain);
    assert.ok(plain.length > 20);
  });
}

Deno.test("scrambled pictures are said to be so", () => {
  const { builder } = new CameraStream().tables(["picture"]).picturesOnly(80);
  const scrambled = builder.packets.slice(2);
  for (const packet of scrambled) packet[3] = (packet[3] ?? 0) | 0xc0;
  const out = passed(builder);
  assert.equal(out.samples(VIDEO).length, 0);
  assert.match(out.notes.join(), /scrambled/);
  assert.equal(out.ingest.counters.scrambledPackets, scrambled.length);
});

Deno.test("a stream whose maps change all the time says each sentence once, and not without end", () => {
  const builder = new TsBuilder().pat();
  for (let i = 0; i < 300; i++) builder.pmt([{ pid: 0x200, type: 0x80 + i % 100 }], { version: 1 });
  const { notes } = passed(builder);
  assert.equal(notes.length, 32);
  assert.equal(new Set(notes).size, notes.length);
});

Deno.test("pictures whose clock stands still while sound is waited for do not heap up", () => {
  const camera = new CameraStream().tables();
  for (let i = 0; i < 9000; i++) camera.picture({ key: i === 0, dts: 900_000, bytes: 20 });
  const out = new Ingested().push(camera.take());
  assert.ok(out.samples(VIDEO).length > 8000, "they went out without it");
});
