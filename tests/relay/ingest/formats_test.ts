/** Which format a stream is taken for by its first bytes, and what the same bytes cut anywhere become. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import { FORMATS, MAX_SNIFFED_BYTES, sniff } from "../../../relay/ingest/formats.ts";
import { adts, rawFrame } from "../../support/adts_builder.ts";
import {
  annexB,
  DELIMITER,
  pictureSlice,
  pps,
  SEI,
  slice,
  sps,
} from "../../support/avc_builder.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { FakeTime } from "../../support/fake_time.ts";
import { AUDIO, Ingested, samplesOf, steps, VIDEO } from "../../support/ingested.ts";
import { WallClock } from "../../support/wall_clock.ts";

const transportStream = new CameraStream().tables().group(6).take();
const h264 = annexB([sps(), pps(), slice({ key: true }), DELIMITER, slice({ seed: 1 })]);
const VPS = new Uint8Array([0x40, 1, 0x0c, 1]);
const H265_DELIMITER = new Uint8Array([0x46, 1, 0x50]);
const sound = concatBytes([0, 1, 2].map((i) => adts({ payload: rawFrame(i) })));
const tag = new Uint8Array([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 3, 1, 2, 3]);

const STREAMS:
  readonly (readonly [name: string, bytes: Uint8Array, format: keyof typeof FORMATS])[] = [
    ["MPEG-TS", transportStream, "mpegts"],
    ["MPEG-TS entered in the middle of a packet", transportStream.subarray(100), "mpegts"],
    ["H.264 from its parameter sets", h264, "h264"],
    ["H.264 from a delimiter", annexB([DELIMITER, sps(), pps()]), "h264"],
    ["H.264 with 3-byte start codes", annexB([SEI, sps()], { startCode: 3 }), "h264"],
    ["H.264 behind zeros", concatBytes([new Uint8Array(9), h264]), "h264"],
    ["H.265 from its parameter sets", annexB([VPS]), "h265"],
    ["H.265 from a delimiter", annexB([H265_DELIMITER, VPS]), "h265"],
    ["ADTS", sound, "adts"],
    ["ADTS behind an ID3 tag", concatBytes([tag, sound]), "adts"],
    ["MP4", new TextEncoder().encode("\0\0\0\x18ftypiso6"), "mp4"],
    ["fragments", new TextEncoder().encode("\0\0\0\x18moof\0\0\0\0"), "mp4"],
  ];

for (const [name, bytes, format] of STREAMS) {
  Deno.test(`sniffed: ${name}`, () => {
    assert.equal(sniff(bytes), format);
    for (let length = 1; length < bytes.length && length < 600; length++) {
      const early = sniff(bytes.subarray(0, length));
      assert.ok(early === undefined || early === format, `${length} bytes: ${early}`);
    }
  });
}

Deno.test("what nobody knows is left to the format that finds its way best, and not waited for", () => {
  const noise = Uint8Array.from({ length: MAX_SNIFFED_BYTES }, (_, i) => 1 + (i * 7) % 60);
  assert.equal(sniff(noise), "mpegts");
  assert.equal(sniff(noise.subarray(0, 100)), undefined);
  assert.equal(sniff(noise.subarray(0, 100), { ended: true }), "mpegts");
});

Deno.test("a stream whose first bytes come one by one loses none of them", () => {
  const whole = new Ingested({ clock: "rate" }).push(h264);
  const pieces = new Ingested({ clock: "rate" });
  for (const byte of h264) pieces.push(Uint8Array.of(byte));
  for (const out of [whole, pieces]) out.ingest.end();
  assert.equal(whole.samples(VIDEO).length, 2);
  assert.deepEqual(pieces.samples(VIDEO), whole.samples(VIDEO));
});

Deno.test("bare ADTS counts for itself", () => {
  const out = new Ingested().push(concatBytes([tag, sound]));
  out.ingest.end();
  const times = out.times(AUDIO);
  assert.deepEqual(times.map((time) => time - (times[0] ?? 0)), [0, 1024, 2048]);
  assert.equal(out.ingest.counters.resyncBytes, 0);
});

Deno.test("what is no stream is said in words, once, and nothing of it is looked at", () => {
  const out = new Ingested().push(new TextEncoder().encode("#EXTM3U\n#EXT-X-VERSION:3\n"));
  out.push(transportStream);
  out.ingest.end();
  assert.equal(out.notes.length, 1);
  assert.match(out.notes[0] ?? "", /HLS playlist.*MPEG-TS/);
  assert.deepEqual(out.order, []);
});

Deno.test("a camera's bare H.264: each picture leaves with its mark, or after a pause, clocked on arrival", () => {
  const picture = (i: number) =>
    i === 0
      ? annexB([sps(), pps(), pictureSlice({ type: "idr" })])
      : annexB([pictureSlice({ frameNum: i })]);
  const marked = new Ingested({ format: "h264" });
  const paused = new Ingested({ format: "h264" });
  for (let i = 0; i < 8; i++) {
    marked.push(picture(i), 40 * i);
    marked.ingest.endOfFrame();
    assert.equal(marked.samples(VIDEO).length, i + 1);
    paused.push(picture(i), 1000 * i);
    paused.ingest.tick(micros((1000 * i + 40) * 1000));
    assert.equal(paused.samples(VIDEO).length, i, "no pause yet");
    paused.ingest.tick(paused.ingest.deadline ?? micros(0));
    assert.equal(paused.samples(VIDEO).length, i + 1);
  }
  const times = marked.times(VIDEO);
  assert.deepEqual(
    times.map((time) => time - (times[0] ?? 0)),
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => 3600 * i),
  );
  assert.equal(paused.ingest.counters.lateTailBytes, 0);
});

const HOUR_MS = 3_600_000;
const PER_GENERATION = 20;
/** Frames of both at 25 a second, half of them of one set-up and half of another. */
const CLOCKED_ON_ARRIVAL = [
  {
    format: "h264",
    track: VIDEO,
    frame: (i: number) => {
      const at = i % PER_GENERATION;
      const sets = [sps({ widthMbs: i < PER_GENERATION ? 20 : 40 }), pps()];
      return annexB(
        at === 0 ? [...sets, pictureSlice({ type: "idr" })] : [pictureSlice({ frameNum: at })],
      );
    },
    ticks: 3600,
  },
  {
    format: "adts",
    track: AUDIO,
    frame: (i: number) => adts({ channels: i < PER_GENERATION ? 1 : 2, payload: rawFrame(i) }),
    ticks: 1024,
  },
] as const;

for (const { format, track, frame, ticks } of CLOCKED_ON_ARRIVAL) {
  for (const setByMs of [HOUR_MS, -HOUR_MS]) {
    const which = `${setByMs > 0 ? "forward" : "back"} an hour`;
    Deno.test(`${format}: a wall clock set ${which} between two generations moves capture times and nothing else`, () => {
      using time = new FakeTime();
      using wall = new WallClock();
      const out = new Ingested({ format });
      const stepMs = format === "adts" ? 1024 / 48 : 40;
      for (let i = 0; i < 2 * PER_GENERATION; i++) {
        if (i === PER_GENERATION) wall.aheadMs = setByMs;
        out.ingest.data(frame(i), out.ingest.now());
        out.ingest.endOfFrame();
        time.pass(stepMs);
      }
      out.ingest.end();
      assert.equal(out.segments.length, 2);
      const samples = out.batches.flatMap(samplesOf);
      const times = out.times(track);
      const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
      assert.ok(Math.abs(span - (2 * PER_GENERATION - 1) * ticks) <= 2, `${span} ticks in all`);
      // Of sound one frame is left out: a set-up is believed from its second on.
      for (const step of steps(times)) {
        assert.ok(step > 0 && step <= 2 * ticks, `a step of ${step}`);
      }
      const captured = samples.map(({ arrival, generation }) =>
        arrival / 1000 - (generation === 1 ? 0 : setByMs)
      );
      for (const step of steps(captured)) {
        // The wall clock is read to the millisecond; sound of one message has the time of its first.
        assert.ok(Math.abs(step - stepMs) <= 41, `captured ${step} ms after the one before`);
      }
    });
  }
}
