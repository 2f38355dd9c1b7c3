/** Pictures spread over several PES packets, and several in one: whole, on time, and no later than they must be. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import { PATIENCE } from "../../../relay/codecs/pes_pictures.ts";
import { annexB, DELIMITER, pictureSlice, pps, sps } from "../../support/avc_builder.ts";
import { Ingested, payloadText, steps, VIDEO } from "../../support/ingested.ts";
import { H264, type PesDescription, TsBuilder, VIDEO_PID } from "../../support/ts_builder.ts";

const STEP = 3000;
const GROUP = 6;

/** Picture `i` as it is in a byte stream; with its delimiter, or none. */
function picture(i: number, { bytes = 300, delimiter = true, rate = 30 } = {}): Bytes {
  const key = i % GROUP === 0;
  const timing = { unitsInTick: 1, timeScale: 2 * rate };
  return annexB([
    ...(delimiter ? [DELIMITER] : []),
    ...(key ? [sps({ vui: { timing } }), pps()] : []),
    ...[0, 150].map((firstMb) =>
      concatBytes([
        pictureSlice({ type: key ? "idr" : "reference", firstMb, frameNum: i % GROUP, seed: i }),
        new Uint8Array(bytes >> 1).fill(0x55),
      ])
    ),
  ]);
}

function through(packets: readonly PesDescription[]): Ingested {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  for (const each of packets) builder.pes(VIDEO_PID, each);
  const out = new Ingested().push(builder.bytes());
  out.ingest.end();
  return out;
}

/** One picture to a packet. */
function usual(count: number, options: Parameters<typeof picture>[1] = {}): PesDescription[] {
  return Array.from(
    { length: count },
    (_, i) => ({ payload: picture(i, options), pts: 90_000 + i * STEP }),
  );
}

/** Packets of at most `size` bytes, the first with the time, or all. */
function split(
  { payload, pts = 0 }: PesDescription,
  size: number,
  { timed = "first" }: { timed?: "first" | "all" } = {},
): PesDescription[] {
  const pieces: PesDescription[] = [];
  for (let at = 0; at < payload.length; at += size) {
    pieces.push({
      payload: payload.subarray(at, at + size),
      length: "exact",
      ...(at === 0 || timed === "all" ? { pts } : {}),
    });
  }
  return pieces;
}

const texts = (out: Ingested): string[] => out.samples(VIDEO).map(payloadText);

for (const size of [100, 200, 333]) {
  Deno.test(`pictures in packets of ${size} bytes: after the first, all are whole and on time`, () => {
    const whole = through(usual(3 * GROUP));
    const out = through(usual(3 * GROUP).flatMap((each) => split(each, size)));
    // What is missing of the first was not expected: its group is given up, as after any loss.
    assert.deepEqual(texts(out).slice(1), texts(whole).slice(GROUP));
    assert.ok(steps(out.times(VIDEO)).slice(1).every((step) => step === STEP));
    assert.ok(out.ingest.counters.lateTailBytes > 0);
    assert.equal(out.ingest.counters.heldAccessUnits, GROUP - 1);
  });
}

Deno.test("key pictures longer than a packet can state are joined from the first on, small ones never wait", () => {
  const packets = usual(2 * GROUP).map((each, i) =>
    i % GROUP === 0 ? { ...each, payload: picture(i, { bytes: 150_000 }) } : each
  );
  const whole = through(packets);
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  const out = new Ingested();
  for (const [i, each] of packets.entries()) {
    for (const piece of split(each, 65_000)) builder.pes(VIDEO_PID, piece);
    out.push(builder.take());
    assert.equal(out.samples(VIDEO).length, i + 1, "a last piece that is shorter ends the picture");
  }
  assert.deepEqual(texts(out), texts(whole));
  assert.equal(out.ingest.counters.lateTailBytes, 0);
});

Deno.test("a picture that ends with its packet's last possible byte waits for a pause at most", () => {
  const [first] = usual(1, { bytes: 64_900 });
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  builder.pes(VIDEO_PID, {
    ...first,
    payload: first?.payload ?? new Uint8Array(),
    length: "exact",
  });
  const out = new Ingested().push(builder.take(), 0);
  assert.ok((first?.payload.length ?? 0) >= 65_000);
  assert.equal(out.samples(VIDEO).length, 0);
  assert.ok(out.ingest.deadline !== undefined);
  out.ingest.tick(micros(200_000));
  assert.equal(out.samples(VIDEO).length, 1);
});

Deno.test("pieces that repeat the time stamp are pieces still", () => {
  const whole = through(usual(2 * GROUP));
  const out = through(usual(2 * GROUP).flatMap((each) => split(each, 250, { timed: "all" })));
  assert.deepEqual(texts(out).slice(-GROUP), texts(whole).slice(-GROUP));
});

Deno.test("a damaged packet that looks like the rest of a picture makes the next few wait, and no more", () => {
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  const out = new Ingested();
  let late = 0;
  for (const [i, each] of usual(5 * GROUP).entries()) {
    if (i === 3) {
      builder.pes(VIDEO_PID, { payload: new Uint8Array(50).fill(0x77), length: "exact" });
    }
    const before = out.ingest.counters.videoSamples + out.ingest.counters.heldAccessUnits;
    out.push(builder.pes(VIDEO_PID, { ...each, length: "exact" }).take());
    const { videoSamples, heldAccessUnits } = out.ingest.counters;
    if (videoSamples + heldAccessUnits === before) late = i;
  }
  assert.ok(late < 3 + PATIENCE + 2, `picture ${late} did not leave at once`);
  assert.ok(late > 0, "the damage was taken for a piece");
});

for (const timed of [1, 3]) {
  const which = timed === 1 ? "each" : `every ${timed}rd`;
  Deno.test(`a packet whose beginning is damaged, ${which} with a time stamp, makes the next few wait, and no more`, () => {
    const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
    const out = new Ingested();
    const waiting = usual(6 * GROUP).map(({ payload, pts = 0 }, i) => {
      if (i === GROUP) payload.fill(0x77, 0, 5); // its first start code
      builder.pes(VIDEO_PID, { payload, length: "exact", ...(i % timed === 0 ? { pts } : {}) });
      out.push(builder.take());
      const { videoSamples, heldAccessUnits } = out.ingest.counters;
      return i + 1 - videoSamples - heldAccessUnits;
    });
    assert.ok((waiting[GROUP] ?? 0) > 0, "it was taken for a piece");
    assert.deepEqual(new Set(waiting.slice(GROUP + PATIENCE + 3)), new Set([0]));
  });
}

for (const each of [2, 3]) {
  Deno.test(`${each} pictures in a packet are ${each} samples, at the stream's pace`, () => {
    for (const delimiter of [true, false]) {
      const whole = through(usual(3 * GROUP, { delimiter }));
      const packets = Array.from({ length: 3 * GROUP / each }, (_, i) => ({
        payload: concatBytes(
          Array.from({ length: each }, (_, j) => picture(i * each + j, { delimiter })),
        ),
        pts: 90_000 + i * each * STEP,
      }));
      const out = through(packets);
      assert.deepEqual(texts(out), texts(whole));
      assert.ok(steps(out.times(VIDEO)).every((step) => step === STEP));
      assert.deepEqual(
        out.samples(VIDEO).map(({ key }) => key),
        whole.samples(VIDEO).map(({ key }) => key),
      );
    }
  });
}

Deno.test("pictures without a time stamp are pictures, not the rest of one", () => {
  const packets = usual(GROUP).map(({ payload, pts = 0 }, i) => ({
    payload,
    ...(i % 3 === 0 ? { pts } : {}),
  }));
  const out = through(packets);
  assert.deepEqual(texts(out), texts(through(usual(GROUP))));
  assert.ok(steps(out.times(VIDEO)).every((step) => step === STEP));
});

Deno.test("the rest of a picture whose beginning was lost is left out", () => {
  const packets = usual(3 * GROUP).flatMap((each) => split(each, 200));
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  for (const each of packets) builder.pes(VIDEO_PID, each);
  const keyAt = 2 + 2 * (split(usual(1)[0] ?? { payload: new Uint8Array() }, 200).length);
  const { packets: all } = builder;
  const lossy = all.toSpliced(keyAt, 1);
  const out = new Ingested().push(concatBytes(lossy));
  out.ingest.end();
  const known = new Set(texts(through(usual(3 * GROUP))));
  const torn = texts(out).slice(1).filter((text) => !known.has(text));
  assert.equal(torn.length, 0);
  assert.deepEqual(texts(out).slice(-GROUP), texts(through(usual(3 * GROUP))).slice(-GROUP));
});

/** Where each picture begins in the byte stream that they make. */
function startsOf(pictures: readonly PesDescription[]): number[] {
  let length = 0;
  return pictures.map(({ payload }) => (length += payload.length) - payload.length);
}

/** A byte stream cut at those places; each packet has the time of the first picture that begins in it. */
function cutAt(pictures: readonly PesDescription[], cuts: readonly number[]): PesDescription[] {
  const bytes = concatBytes(pictures.map(({ payload }) => payload));
  const starts = startsOf(pictures);
  const ends = [...cuts, bytes.length];
  return ends.map((end, i) => {
    const from = ends[i - 1] ?? 0;
    const first = pictures[starts.findIndex((start) => start >= from && start < end)];
    const payload = bytes.subarray(from, end);
    return { payload, length: "exact", ...(first?.pts === undefined ? {} : { pts: first.pts }) };
  });
}

/** The same, cut every `size` bytes, wherever that is. */
function cutAnywhere(pictures: readonly PesDescription[], size: number): PesDescription[] {
  const length = pictures.reduce((sum, { payload }) => sum + payload.length, 0);
  return cutAt(
    pictures,
    Array.from({ length: Math.ceil(length / size) - 1 }, (_, i) => (i + 1) * size),
  );
}

for (const size of [60, 150, 263, 424, 500, 1000, 2500]) {
  Deno.test(`packets of ${size} bytes that begin in the middle of pictures: after the first group, all are whole and on time`, () => {
    const pictures = usual(6 * GROUP);
    const whole = through(pictures);
    const out = through(cutAnywhere(pictures, size));
    const known = texts(whole);
    assert.deepEqual(texts(out).slice(-4 * GROUP), known.slice(-4 * GROUP));
    assert.ok(steps(out.times(VIDEO)).slice(-4 * GROUP + 1).every((step) => step === STEP));
    const torn = texts(out).filter((text) => !known.includes(text));
    assert.ok(
      torn.length <= 1,
      "of the first that was not expected, what is missing was not waited for",
    );
    assert.ok(out.ingest.counters.lateTailBytes > 0);
  });
}

Deno.test("a long picture of which only the first packet came is counted as damaged", () => {
  const packets = usual(2 * GROUP).map((each, i) =>
    i === GROUP ? { ...each, payload: picture(i, { bytes: 65_200 }) } : each
  );
  const builder = new TsBuilder().pat().pmt([{ pid: VIDEO_PID, type: H264 }]);
  const out = new Ingested();
  for (const [i, each] of packets.entries()) {
    const [first, ...rest] = split(each, 65_000);
    assert.equal(rest.length, i === GROUP ? 1 : 0);
    out.push(builder.pes(VIDEO_PID, first ?? each).take());
    for (const piece of rest) builder.pes(VIDEO_PID, piece).take(); // lost
  }
  out.ingest.end();
  const { damagedAccessUnits, continuityGaps, heldAccessUnits } = out.ingest.counters;
  assert.deepEqual([damagedAccessUnits, continuityGaps, heldAccessUnits], [1, 1, GROUP - 1]);
  assert.equal(out.samples(VIDEO).length, GROUP);
});

/** Pictures whose bytes are often 0, as an entropy coder's are. */
function withZeros(pictures: readonly PesDescription[]): PesDescription[] {
  return pictures.map((each) => {
    const payload = each.payload.slice();
    for (let at = 2; at + 1 < payload.length; at++) {
      const inside = [-2, -1, 0, 1].every((by) => payload[at + by] === 0x55);
      if (inside && at % 3 === 0) payload[at] = 0;
    }
    return { ...each, payload };
  });
}

for (const delimiter of [true, false]) {
  for (
    const [which, picked] of [["key picture", 4 * GROUP], ["other picture", 4 * GROUP + 2]] as const
  ) {
    const name = `${which} ${delimiter ? "with" : "without"} a delimiter`;
    Deno.test(`wherever a packet is cut around and inside a ${name}, every picture has its own time`, () => {
      const pictures = withZeros(usual(6 * GROUP, { bytes: 60, delimiter }));
      const starts = startsOf(pictures);
      const start = starts[picked] ?? 0;
      const [before = 0, after = 0] = [starts[picked - 1], starts[picked + 1]];
      const whole = through(pictures).samples(VIDEO).slice(-2 * GROUP);
      const expected = whole.map(({ pts, dts, payload }) => [pts, dts, payload]);
      // Packets of such sizes are known to be cut anywhere by the time of the picture.
      const early = Array.from({ length: Math.floor((before + 40) / 67) }, (_, i) => (i + 1) * 67);
      const late = [after + 45, ...starts.slice(picked + 2).map((at) => at + 33)];
      for (let cut = start - 8; cut <= after + 40; cut++) {
        const out = through(cutAt(pictures, [...early.filter((at) => at < cut), cut, ...late]));
        const came = out.samples(VIDEO).slice(-2 * GROUP);
        const text = `cut ${cut - start} bytes behind its beginning`;
        assert.deepEqual(came.map(({ pts, dts, payload }) => [pts, dts, payload]), expected, text);
      }
    });
  }
}
