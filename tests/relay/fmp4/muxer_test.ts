/** Batches: what leaves with what, how numbers and durations run, and that nothing is lost on the way. */

import assert from "node:assert/strict";
import { concatBytes, toHex } from "../../../shared/bytes.ts";
import { type Batch, HEADROOM_BYTES, type Sample } from "../../../shared/media.ts";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { readFragment, readFragments } from "../../../shared/mp4/fragment_reader.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { Muxer, type MuxerOptions } from "../../../relay/fmp4/muxer.ts";
import { assertGolden } from "../../support/golden.ts";
import { randomFrom } from "../../support/random.ts";

const VIDEO = { id: 1, timescale: 90_000, frameRate: 30 };
const AUDIO = { id: 2 };

function muxer(options: Partial<MuxerOptions> = {}): Muxer {
  return new Muxer({ generation: 3, video: VIDEO, audio: AUDIO, ...options });
}

function picture(dts: number, sample: Partial<Sample> = {}): Sample {
  return {
    dts: ticks(dts),
    pts: ticks(dts),
    key: false,
    arrival: micros(1_700_000_000_000_000 + dts),
    duration: ticks(0),
    units: [Uint8Array.from({ length: 20 }, (_, i) => dts + i)],
    ...sample,
  };
}

function sound(dts: number, sample: Partial<Sample> = {}): Sample {
  return picture(dts, {
    key: true,
    duration: ticks(1024),
    units: [Uint8Array.from({ length: 6 }, (_, i) => dts / 1024 + i)],
    ...sample,
  });
}

/** What the batch says of its fragments must be what their bytes say. */
function assertTrue(batch: Batch): void {
  const infos = [...readFragments(batch.bytes)];
  assert.equal(infos.length, batch.fragments.length);
  let end = 0;
  batch.fragments.forEach((fragment, i) => {
    assert.equal(fragment.offset, end, "fragments lie back to back");
    end = fragment.offset + fragment.byteLength;
    const info = infos[i];
    const [track] = info?.tracks ?? [];
    assert.equal(info?.end, end);
    assert.equal(track?.track, fragment.track);
    assert.equal(track?.dts, fragment.dts);
    assert.equal(track?.key, fragment.key);
    assert.equal(track?.duration, fragment.duration);
    assert.deepEqual(track?.samples.map(({ size }) => size), fragment.sizes);
    assert.equal((track?.dts ?? 0) + (track?.samples[0]?.compositionOffset ?? 0), fragment.pts);
    const payload = fragment.sizes.reduce((a, b) => a + b, 0);
    const first = (info?.moofStart ?? 0) + (track?.samples[0]?.offset ?? 0);
    assert.equal(first, end - payload, "payloads end where their fragment ends");
  });
  assert.equal(end, batch.bytes.length);
}

Deno.test("a picture leaves at once and takes the sound that waited along, sound first", () => {
  const mux = muxer();
  mux.audio(sound(0));
  mux.audio(sound(1024));
  assert.equal(mux.waitingSince, 1_700_000_000_000_000);
  const batch = mux.picture(picture(0, { key: true }));
  assert.equal(mux.waitingSince, undefined);
  assertTrue(batch);
  assert.deepEqual(batch.fragments.map(({ track, sizes }) => [track, sizes]), [
    [2, [6, 6]],
    [1, [24]],
  ]);
  assert.deepEqual(
    [batch.generation, batch.sequence, batch.group, batch.key, batch.arrival],
    [3, 0, 0, true, 1_700_000_000_000_000],
  );
  assert.equal(mux.picture(picture(3000)).fragments.length, 1);
});

Deno.test("the batch's bytes are as written down", async () => {
  const mux = muxer();
  mux.audio(sound(0));
  mux.audio(sound(1024));
  mux.audio(sound(9216));
  const batch = mux.picture(picture(3000, { key: true, pts: ticks(6000) }));
  await assertGolden("batch", dumpBoxes(batch.bytes));
});

Deno.test("there is room before a batch, and nothing else in its buffer", () => {
  const mux = muxer();
  mux.audio(sound(0));
  for (const batch of [mux.picture(picture(0)), mux.picture(picture(1))]) {
    assert.equal(batch.bytes.byteOffset, HEADROOM_BYTES);
    assert.equal(batch.bytes.buffer.byteLength, HEADROOM_BYTES + batch.bytes.length);
  }
});

Deno.test("payloads come out as they went in, whatever their sizes", () => {
  const seed = 9;
  const random = randomFrom(seed);
  const mux = muxer();
  const put: string[] = [];
  const got: string[] = [];
  for (let i = 0; i < 200; i++) {
    const sounds = random(4);
    for (let k = 0; k < sounds; k++) {
      const unit = Uint8Array.from({ length: 1 + random(400) }, () => random(256));
      put.push(toHex(unit));
      mux.audio(sound(1024 * (i * 4 + k), { units: [unit] }));
    }
    const units = Array.from(
      { length: 1 + random(3) },
      () => Uint8Array.from({ length: 1 + random(900) }, () => random(256)),
    );
    const lengths = units.map((unit) =>
      new Uint8Array(new Uint32Array([unit.length]).buffer).reverse()
    );
    put.push(toHex(concatBytes(units.flatMap((unit, k) => [lengths[k] ?? unit, unit]))));
    const batch = mux.picture(picture(i * 3000, { units }));
    assertTrue(batch);
    for (const { offset, byteLength, sizes } of batch.fragments) {
      let at = offset + byteLength - sizes.reduce((a, b) => a + b, 0);
      for (const size of sizes) got.push(toHex(batch.bytes.subarray(at, at += size)));
    }
  }
  assert.deepEqual(got, put, `seed ${seed}`);
});

Deno.test("what was lent may be overwritten: a batch has its own bytes", () => {
  const mux = muxer();
  const soundUnit = new Uint8Array([1, 2, 3]);
  const pictureUnit = new Uint8Array([4, 5, 6]);
  mux.audio(sound(0, { units: [soundUnit] }));
  soundUnit.fill(9);
  const batch = mux.picture(picture(0, { units: [pictureUnit] }));
  const before = toHex(batch.bytes);
  pictureUnit.fill(9);
  mux.audio(sound(1024, { units: [soundUnit] }));
  mux.picture(picture(3000));
  assert.equal(toHex(batch.bytes), before);
  assert.ok(before.includes("010203"));
});

Deno.test("numbers run on: batches from 0, groups with key pictures, fragments from 1 with a gap where a group's second track begins", () => {
  const mux = muxer();
  const batches = [
    mux.picture(picture(0, { key: true })),
    mux.picture(picture(3000)),
    (mux.audio(sound(0)), mux.picture(picture(6000, { key: true }))),
    (mux.audio(sound(1024)), mux.flush()),
    mux.picture(picture(9000)),
  ].filter((batch) => batch !== undefined);
  assert.deepEqual(batches.map(({ sequence }) => sequence), [0, 1, 2, 3, 4]);
  assert.deepEqual(batches.map(({ group }) => group), [0, 0, 1, 1, 1]);
  assert.deepEqual(batches.map(({ key }) => key), [true, false, true, false, false]);
  const sequences = batches.flatMap(({ bytes }) => [...readFragments(bytes)])
    .map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [1, 2, 3, 5, 6, 7]); // VLC learns of a track's times behind a gap alone
});

Deno.test("flush gives the sound that waits, and nothing when none does", () => {
  const mux = muxer();
  assert.equal(mux.flush(), undefined);
  mux.audio(sound(0));
  mux.audio(sound(1024));
  const batch = mux.flush();
  assert.ok(batch);
  assertTrue(batch);
  assert.equal(batch.arrival, 1_700_000_000_000_000, "of its oldest sample");
  assert.equal(batch.key, false);
  assert.equal(mux.flush(), undefined);
});

Deno.test("sound alone: a viewer can begin with every batch", () => {
  const mux = new Muxer({ generation: 1, audio: AUDIO });
  const batches = [0, 1, 2].map((i) => (mux.audio(sound(i * 1024)), mux.flush()));
  assert.deepEqual(batches.map((batch) => [batch?.key, batch?.group]), [[true, 0], [true, 1], [
    true,
    2,
  ]]);
});

Deno.test("a gap in the sound begins a fragment of its own, and so does another duration", () => {
  const mux = muxer();
  for (const dts of [0, 1024, 4096, 5120, 5000]) mux.audio(sound(dts));
  mux.audio(sound(6024, { duration: ticks(960) }));
  const batch = mux.picture(picture(0));
  assertTrue(batch);
  assert.deepEqual(
    batch.fragments.slice(0, -1).map(({ dts, duration, sizes }) => [dts, duration, sizes.length]),
    [[0, 2048, 2], [4096, 2048, 2], [5000, 1024, 1], [6024, 960, 1]],
  );
});

Deno.test("sound that finds no room is refused, what waits is unharmed", () => {
  const mux = muxer();
  const big = new Uint8Array(1024 * 1024);
  let taken = 0;
  while (mux.audio(sound(taken * 1024, { units: [big] }))) taken++;
  assert.equal(taken, 4);
  const batch = mux.flush();
  assert.deepEqual(batch?.fragments[0]?.sizes, Array.from({ length: 4 }, () => big.length));
  assert.ok(mux.audio(sound(9999)));
});

/** Durations that pictures at these times are given. */
function durations(times: readonly number[], frameRate?: number): number[] {
  const { frameRate: _, ...video } = VIDEO;
  const mux = muxer({ video: frameRate === undefined ? video : { ...video, frameRate } });
  return times.map((dts) => mux.picture(picture(dts)).fragments[0]?.duration ?? 0);
}

const DURATIONS:
  readonly (readonly [string, readonly number[], number | undefined, readonly number[]])[] = [
    ["the stated rate before anything is known", [0], 50, [1800]],
    ["30 a second where none is stated", [0], undefined, [3000]],
    ["steady", [0, 3003, 6006, 9009], 29.97, [3003, 3003, 3003, 3003]],
    ["a stated rate that is not true is forgotten after two", [0, 3600, 7200, 10800], 50, [
      ...[1800, 3600, 3600, 3600],
    ]],
    ["uneven: the longer of the last two, never the shorter", [0, 3000, 9000, 12_000, 15_000], 30, [
      ...[3000, 3000, 6000, 6000, 3000],
    ]],
    ["a gap is no duration", [0, 3000, 300_000, 303_000], 30, [3000, 3000, 3000, 3000]],
    ["a stated rate of nearly nothing is no duration either", [0], 1e-9, [90_000]],
  ];

for (const [name, times, rate, expected] of DURATIONS) {
  Deno.test(`a picture's duration: ${name}`, () => {
    assert.deepEqual(durations(times, rate), expected);
  });
}

Deno.test("only pictures carry a capture time", () => {
  const mux = muxer();
  mux.audio(sound(0));
  const batch = mux.picture(picture(0, { pts: ticks(6000) }));
  const [first, second] = [...readFragments(batch.bytes)];
  assert.equal(first?.capture, undefined);
  assert.deepEqual(second?.capture, {
    track: 1,
    time: 1_700_000_000_000_000,
    mediaTime: 6000,
  });
  assert.equal(readFragment(batch.bytes)?.tracks[0]?.track, 2);
});

Deno.test("lent batches are what kept ones are, until the next", () => {
  const kept = muxer();
  const lent = muxer({ batches: "lent" });
  const samples = Array.from({ length: 12 }, (_, i) =>
    picture(3000 * i, {
      key: i % 4 === 0,
      units: [new Uint8Array(20 + 300 * ((i * 5) % 7)).fill(i)],
    }));
  for (const sample of samples) {
    for (const each of [kept, lent]) each.audio(sound(1024 * Math.round(sample.dts / 3000)));
    assert.deepEqual(lent.picture(sample), kept.picture(sample));
  }
});

/** Decode time, composition offset and duration as a batch's bytes state them of its picture. */
function written(batch: Batch): { dts: number; pts: number; duration: number } {
  const [fragment] = readFragments(batch.bytes);
  const [track] = fragment?.tracks ?? [];
  const dts = track?.dts ?? NaN;
  return {
    dts,
    pts: dts + (track?.samples[0]?.compositionOffset ?? NaN),
    duration: track?.duration ?? NaN,
  };
}

const PAUSES: readonly (readonly [string, number])[] = [
  ["of four pictures", 4],
  ["of half a second", 15],
  ["of four seconds", 120],
];

for (const [name, pause] of PAUSES) {
  Deno.test(`a pause ${name} within a group: no step that a browser takes for a break, and every picture when it says`, () => {
    const m = muxer();
    let last: { dts: number; duration: number } | undefined;
    for (let n = 0; n < 399; n++) {
      // After the pause every seventh picture is missing as well.
      if ((n >= 60 && n < 60 + pause) || (n > 60 + pause && n % 7 === 0)) continue;
      const batch = m.picture(picture(n * 3000, { key: n === 0, pts: ticks(n * 3000 + 3000) }));
      const found = written(batch);
      assert.equal(found.pts, n * 3000 + 3000, "shown when it says");
      assert.equal(batch.fragments[0]?.dts, n * 3000, "recordings go by the source's time");
      if (last) {
        const step = found.dts - last.dts;
        assert.ok(
          step > 0 && step < 2 * last.duration,
          `${n}: a step of ${step} after ${last.duration}`,
        );
      }
      last = found;
    }
    assert.equal(last?.dts, 398 * 3000, "it has caught up");
  });
}

Deno.test("a key picture after a pause, and any after a very long one, are decoded when they say", () => {
  const m = muxer();
  m.picture(picture(0, { key: true }));
  assert.equal(written(m.picture(picture(90_000, { key: true }))).dts, 90_000);
  assert.equal(written(m.picture(picture(90_000 + 20 * 90_000))).dts, 90_000 + 20 * 90_000);
});

Deno.test("where sound is missing the bytes hold silence, of which no fragment tells", () => {
  const m = muxer({ silence: () => new Uint8Array([1, 2, 3]) });
  m.picture(picture(0, { key: true }));
  for (const at of [0, 1, 5, 6]) m.audio(sound(48_000 + at * 1024 + (at > 1 ? 500 : 0)));
  assert.equal(m.silentSamples, 3);
  const batch = m.picture(picture(3000));
  assert.deepEqual(batch.fragments.map(({ track, sizes }) => [track, sizes]), [
    [2, [6, 6]],
    [2, [6, 6]],
    [1, [24]],
  ]);
  const runs = [...readFragments(batch.bytes)].map(({ tracks: [run] }) => [
    run?.track,
    run?.dts,
    run?.samples.map(({ size }) => size),
  ]);
  assert.deepEqual(runs, [
    [2, 48_000, [6, 6]],
    [2, 48_000 + 2 * 1024, [3, 3, 3]],
    [2, 48_000 + 5 * 1024 + 500, [6, 6]],
    [1, 3000, [24]],
  ]);
  for (const { offset, byteLength } of batch.fragments) {
    const [fragment] = readFragments(batch.bytes.subarray(offset, offset + byteLength));
    assert.equal(fragment?.end, byteLength);
  }
});

Deno.test("sound that was away for long leaves a hole, and so does one without silence", () => {
  const infos = (m: Muxer, later: number): number => {
    m.audio(sound(0));
    m.audio(sound(later));
    return [...readFragments(m.flush()?.bytes ?? new Uint8Array())].length;
  };
  const silence = (): Uint8Array<ArrayBuffer> => new Uint8Array([1]);
  assert.equal(infos(muxer({ silence }), 1024 * 1501), 3);
  assert.equal(infos(muxer({ silence }), 1024 * 1502), 2);
  assert.equal(infos(muxer({ silence: () => undefined }), 1024 * 3), 2);
  assert.equal(infos(muxer(), 1024 * 3), 2);
});

const CEASES = {
  audio: { id: 2, timescale: 48_000 },
  silence: () => new Uint8Array([1, 2, 3]),
};
const PICTURE_US = 33_333;

/** Sound runs in a batch's bytes, silence as well: where each begins and ends, and the size of its samples. */
function soundRuns(
  batch: Batch,
): { readonly from: number; readonly to: number; readonly size: number }[] {
  return [...readFragments(batch.bytes)].flatMap(({ tracks: [run] }) =>
    run?.track === 2
      ? [{
        from: run.dts ?? 0,
        to: (run.dts ?? 0) + run.duration,
        size: run.samples[0]?.size ?? 0,
      }]
      : []
  );
}

Deno.test("sound that ceases while pictures go on is made up for, as far behind them as it was, until it is back", () => {
  const m = muxer(CEASES);
  const lag = 4800;
  const runs: ReturnType<typeof soundRuns> = [];
  let due = 0;
  const away = { from: 60, to: 240 };
  for (let i = 0; i < 300; i++) {
    const at = i * 1600;
    for (; due + 1024 <= at - lag; due += 1024) {
      if (i < away.from || i >= away.to) {
        assert.ok(m.audio(sound(due, { arrival: micros(i * PICTURE_US) })));
      }
    }
    runs.push(
      ...soundRuns(m.picture(picture(i * 3000, { key: i === 0, arrival: micros(i * PICTURE_US) }))),
    );
    const end = runs.at(-1)?.to ?? 0;
    if (i > away.from + 61) {
      assert.ok(end >= at - lag - 2 * 1024, `picture ${i}: sound until ${end} of ${at}`);
    }
    assert.ok(end <= Math.max(0, at - lag + 1600), "no further than sound was");
  }
  for (const [i, { from }] of runs.entries()) {
    if (i > 0) {
      assert.ok(Math.abs(from - (runs[i - 1]?.to ?? 0)) < 1024, "no hole, and nothing twice");
    }
  }
  const kinds = runs.map(({ size }) => size).filter((size, i, sizes) => size !== sizes[i - 1]);
  assert.deepEqual(kinds, [6, 3, 6], "sound, silence, sound");
});

Deno.test("a generation with a sound track of which nothing comes has silence for it", () => {
  const m = muxer({
    ...CEASES,
    silence: (duration) => duration === 960 ? new Uint8Array([1]) : undefined,
  });
  const runs = Array.from(
    { length: 120 },
    (_, i) =>
      soundRuns(
        m.picture(picture(90_000 + i * 3000, { key: i === 0, arrival: micros(i * PICTURE_US) })),
      ),
  ).flat();
  assert.equal(runs[0]?.from, 48_000);
  assert.ok((runs.at(-1)?.to ?? 0) > 48_000 + 118 * 1600 - 960);
});

Deno.test("pictures that come in a burst before their sound are not without sound", () => {
  const m = muxer(CEASES);
  for (let burst = 0; burst < 5; burst++) {
    const arrival = micros(burst * 6_000_000);
    for (let i = 0; i < 180; i++) {
      m.picture(picture((burst * 180 + i) * 3000, { key: i === 0, arrival }));
    }
    for (let due = burst * 281; due < (burst + 1) * 281; due++) {
      m.audio(sound(due * 1024, { arrival }));
    }
  }
  assert.equal(m.silentSamples, 0);
});
