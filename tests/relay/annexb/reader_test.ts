/** Where access units of a bare byte stream begin and end, when they leave, and what times they get. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { AnnexBReader } from "../../../relay/annexb/reader.ts";
import type { ElementarySample } from "../../../relay/codecs/codec.ts";
import { h264 } from "../../../relay/codecs/h264.ts";
import { micros } from "../../../shared/units.ts";
import { annexB, DELIMITER, pictureSlice, pps, SEI, sps } from "../../support/avc_builder.ts";

interface Taken {
  readonly units: readonly Bytes[];
  readonly dts: number;
  readonly pts: number;
  readonly key: boolean;
}

/** A reader and what came out of it. */
class Reading {
  readonly samples: Taken[] = [];
  lateTail = 0;
  gaps = 0;
  readonly reader: AnnexBReader;

  constructor(clock: "arrival" | "rate" = "arrival") {
    this.reader = new AnnexBReader({
      codec: h264,
      out: {
        config: () => {},
        sample: ({ units, dts, pts, key }: ElementarySample) => {
          this.samples.push({ units: units.map((unit) => unit.slice()), dts, pts, key });
        },
        unreadable: () => assert.fail("unreadable"),
        undecodable: () => {},
        refused: (sentence) => assert.fail(sentence),
      },
      clock,
      gap: () => void this.gaps++,
      lateTail: (bytes) => void (this.lateTail += bytes),
    });
  }

  push(units: readonly Uint8Array[], ms = 0): this {
    this.reader.push(annexB(units), micros(ms * 1000));
    return this;
  }

  end(): this {
    this.reader.end(micros(0));
    return this;
  }

  /** How many units each sample has. */
  get counts(): number[] {
    return this.samples.map(({ units }) => units.length);
  }
}

const SETS = [sps(), pps()];
const IDR = pictureSlice({ type: "idr" });

Deno.test("pictures without delimiters end where the slice header differs", () => {
  const same = [0, 100, 200].map((firstMb) => pictureSlice({ frameNum: 1, firstMb }));
  const reading = new Reading().push([...SETS, IDR, ...same, pictureSlice({ frameNum: 2 })]).end();
  assert.deepEqual(reading.counts, [1, 3, 1]);
  assert.deepEqual(reading.samples[1]?.units, same);
});

Deno.test("IDR pictures whose headers are all alike end where the first macroblock comes again", () => {
  const reading = new Reading().push([...SETS, IDR, IDR, IDR]).end();
  assert.deepEqual(reading.counts, [1, 1, 1]);
});

Deno.test("what stands before a picture belongs to it", () => {
  const reading = new Reading().push([...SETS, IDR, DELIMITER, SEI, pictureSlice({ frameNum: 1 })])
    .end();
  assert.deepEqual(reading.counts, [1, 2]);
});

Deno.test("PAFF: two fields stay together, whatever stands between them", () => {
  const field = (frameNum: number, half: "top" | "bottom", key = false) =>
    pictureSlice({ type: key ? "idr" : "reference", frameNum, field: half });
  const sets = [sps({ interlaced: true }), pps()];
  const reading = new Reading().push([
    ...[...sets, field(0, "top", true), DELIMITER, SEI, field(0, "bottom")],
    ...[DELIMITER, field(1, "top"), field(1, "bottom")],
    ...[DELIMITER, pictureSlice({ frameNum: 2, field: "frame" }), DELIMITER, field(3, "top")],
  ]).end();
  assert.deepEqual(reading.counts, [3, 2, 1, 1]);
});

Deno.test("a picture leaves with the next one's delimiter, not with the next one", () => {
  const reading = new Reading().push([...SETS, IDR]);
  assert.equal(reading.samples.length, 0);
  reading.push([DELIMITER, SEI]);
  assert.equal(reading.samples.length, 1);
});

Deno.test("a picture leaves with the head of the next one's first slice", () => {
  const reading = new Reading().push([...SETS, IDR]);
  const next = annexB([pictureSlice({ frameNum: 1 })]);
  reading.reader.push(next.subarray(0, 40), micros(0));
  assert.equal(reading.samples.length, 0);
  reading.reader.push(next.subarray(40, 70), micros(0));
  assert.equal(reading.samples.length, 1);
});

Deno.test("a picture leaves at once where the source says that it is whole", () => {
  const reading = new Reading().push([...SETS, IDR]);
  assert.ok(reading.reader.waiting);
  reading.reader.endOfFrame();
  assert.equal(reading.samples.length, 1);
  assert.ok(!reading.reader.waiting);
  reading.push([pictureSlice({ frameNum: 1 })]);
  reading.reader.endOfFrame();
  assert.deepEqual(reading.counts, [1, 1]);
  assert.equal(reading.lateTail, 0);
});

Deno.test("a picture let go after a pause that was none: the rest of it is counted, the next is whole", () => {
  const reading = new Reading();
  const cut = annexB([...SETS, IDR]);
  reading.reader.push(cut.subarray(0, cut.length - 10), micros(0));
  reading.reader.flush();
  assert.equal(reading.samples.length, 1);
  reading.reader.push(cut.subarray(cut.length - 10), micros(0));
  reading.push([...SETS, IDR]).end();
  assert.deepEqual([reading.samples.length, reading.lateTail, reading.gaps], [2, 10, 1]);
  assert.deepEqual(reading.samples[1]?.units, [IDR]);
});

Deno.test("bytes that were lost take along the picture in flight, and no other", () => {
  const reading = new Reading().push([...SETS, IDR, pictureSlice({ frameNum: 1 })]);
  reading.reader.lost(1);
  reading.push([pictureSlice({ frameNum: 3 }), pictureSlice({ frameNum: 4 })]).end();
  assert.equal(reading.samples.length, 3);
  assert.equal(reading.gaps, 1);
});

Deno.test("a camera's pictures are decoded when they came, shown at once, and evened out", () => {
  const reading = new Reading();
  for (let i = 0; i < 60; i++) {
    const unrest = i % 2 === 0 ? 0 : 12; // in pairs, nearly
    reading.push(i === 0 ? [...SETS, IDR] : [pictureSlice({ frameNum: i % 16 })], 40 * i + unrest);
    reading.reader.endOfFrame();
  }
  const { samples } = reading;
  assert.ok(samples.every(({ dts, pts }) => pts === dts));
  const late = samples.slice(30);
  late.slice(1).forEach(({ dts }, i) => {
    const step = dts - (late[i]?.dts ?? 0);
    assert.ok(Math.abs(step - 3600) < 400, `a step of ${step}`);
  });
  assert.ok(Math.abs((samples.at(-1)?.dts ?? 0) - (40 * 59) * 90) < 3600);
});

const ORDERED = [sps({ pictureOrder: 0 }), pps()];
/** Places of presentation in decoding order: I P B B P B B. */
const SHOWN = [0, 3, 1, 2, 6, 4, 5];

function inOrder(): Bytes[] {
  return SHOWN.map((place, i) =>
    pictureSlice({ type: i === 0 ? "idr" : "reference", frameNum: i, order: 2 * place })
  );
}

Deno.test("a file's pictures are shown in their order, at an even rate, none before it is decoded", () => {
  const reading = new Reading("rate").push([...ORDERED, ...inOrder()]).end();
  assert.deepEqual(reading.samples.map(({ dts }) => dts / 3600), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(reading.samples.map(({ pts }) => pts / 3600), SHOWN.map((place) => place + 1));
});

Deno.test("a file that states a picture in years is read at the usual rate", () => {
  const slow = sps({ vui: { timing: { unitsInTick: 0xffff_ffff, timeScale: 1 } } });
  const pictures = [1, 2, 3].map((frameNum) => pictureSlice({ frameNum }));
  const reading = new Reading("rate").push([slow, pps(), IDR, ...pictures]).end();
  assert.deepEqual(reading.samples.map(({ dts }) => dts), [0, 3600, 7200, 10_800]);
});

Deno.test("a camera's first picture out of order sets the delay, once", () => {
  const reading = new Reading();
  const all = [...inOrder(), ...inOrder()];
  all.forEach((unit, i) => reading.push([...(i === 0 ? ORDERED : []), unit], 40 * i));
  reading.end();
  const places = reading.samples.map(({ pts }) => Math.round(pts / 3600));
  assert.deepEqual(places.slice(7), SHOWN.map((place) => place + 8));
  assert.ok(reading.samples.every(({ dts, pts }) => pts >= dts));
});

Deno.test("an access unit that never ends does not grow without bound", () => {
  const reading = new Reading().push([...SETS, IDR]);
  const piece = new Uint8Array(1024 * 1024).fill(7);
  for (let i = 0; i < 40; i++) reading.reader.push(piece, micros(0));
  reading.push([...SETS, IDR]).end();
  assert.ok(reading.gaps > 0);
  assert.deepEqual(reading.samples.at(-1)?.units, [IDR]);
  assert.ok(reading.samples.every(({ units }) => concatBytes([...units]).length < 17 << 20));
});
