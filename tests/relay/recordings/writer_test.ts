/** One recorded file: while open, when closed, when the disk fills; every sample where it belongs. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import { equalBytes } from "../../../shared/bytes.ts";
import { boxesIn } from "../../../shared/mp4/box_reader.ts";
import { dumpBoxes } from "../../../shared/mp4/dump.ts";
import { readFragments, readSampleDefaults } from "../../../shared/mp4/fragment_reader.ts";
import { RecordingError } from "../../../relay/recordings/output.ts";
import { MAX_PART_SAMPLES, RecordingWriter } from "../../../relay/recordings/writer.ts";
import {
  type Described,
  describeStream,
  interleave,
  payloadOf,
  steadyPictures,
  steadySounds,
} from "../../support/batches.ts";
import { assertGolden } from "../../support/golden.ts";
import { MemoryOutput } from "../../support/memory_output.ts";
import { readMovie } from "../../support/mp4box.ts";

const CREATED_MS = Date.UTC(2024, 0, 1);

/** Records what is described; the writer is left open. */
function record(
  samples: readonly Described[],
  { output = new MemoryOutput(), durable = false } = {},
): { output: MemoryOutput; writer: RecordingWriter } {
  const { segment, batches } = describeStream(samples);
  const writer = new RecordingWriter(output, {
    tracks: segment.tracks,
    createdMs: CREATED_MS,
    durable,
  });
  for (const batch of batches) {
    for (const fragment of batch.fragments) writer.add(fragment, batch);
  }
  return { output, writer };
}

function closed(samples: readonly Described[]): Bytes {
  const { output, writer } = record(samples);
  writer.close();
  return output.bytes;
}

/** Everything that the parts in an open file state of one track. */
function openSamples(
  bytes: Bytes,
  track: number,
): { dts: number; duration: number; key: boolean; bytes: Bytes }[] {
  const found = [];
  for (
    const { tracks, moofStart } of readFragments(bytes, { defaults: readSampleDefaults(bytes) })
  ) {
    for (const part of tracks) {
      if (part.track !== track) continue;
      let dts = part.dts ?? NaN;
      for (const { offset, size, duration, key } of part.samples) {
        const at = moofStart + offset;
        found.push({ dts, duration, key, bytes: bytes.subarray(at, at + size) });
        dts += duration;
      }
    }
  }
  return found;
}

function indexesOf(samples: readonly Described[], kind: Described["kind"]): number[] {
  return samples.flatMap((sample, index) => sample.kind === kind ? [index] : []);
}

const TWO_SECONDS = interleave(
  steadyPictures({ count: 60, first: 900_000, group: 30 }),
  steadySounds({ count: 94, first: 480_000 }),
);

Deno.test("the boxes of a short recording, open and closed", async () => {
  const samples = interleave(
    [0, 3000, 9000].map((dts, i): Described => ({
      kind: "picture",
      dts,
      pts: [6000, 12_000, 9000][i] ?? 0,
      key: i === 0,
    })),
    steadySounds({ count: 4, first: 1600 }),
  );
  const { output, writer } = record(samples);
  writer.flush();
  const open = dumpBoxes(output.bytes);
  writer.close();
  await assertGolden("recording", `${open}\n${dumpBoxes(output.bytes)}`);
});

Deno.test("an open file is parts of a second, from time zero, all but the last sample of each track", () => {
  const { output, writer } = record(TWO_SECONDS);
  writer.flush();
  const pictures = openSamples(output.bytes, 1);
  assert.deepEqual(pictures.map(({ dts }) => dts), Array.from({ length: 59 }, (_, i) => i * 3000));
  assert.ok(pictures.every(({ duration }) => duration === 3000));
  assert.deepEqual(pictures.flatMap(({ key }, i) => key ? [i] : []), [0, 30]);
  const sounds = openSamples(output.bytes, 2);
  assert.deepEqual(sounds.map(({ dts }) => dts), Array.from({ length: 93 }, (_, i) => i * 1024));
  for (const [track, kind, found] of [[1, "picture", pictures], [2, "sound", sounds]] as const) {
    const indexes = indexesOf(TWO_SECONDS, kind);
    for (const [i, { bytes }] of found.entries()) {
      const index = indexes[i] ?? 0;
      assert.ok(
        equalBytes(bytes, payloadOf(TWO_SECONDS[index] ?? { kind, dts: 0 }, index)),
        `track ${track} sample ${i}`,
      );
    }
  }
  assert.equal(output.bytes.length < 20_000, true);
});

Deno.test("a closed file is one mdat and an index that finds every sample", () => {
  const bytes = closed(TWO_SECONDS);
  assert.deepEqual([...boxesIn(bytes)].map(({ type }) => type), ["ftyp", "mdat", "moov"]);
  const { info, samples } = readMovie(bytes);
  assert.equal(info.isFragmented, false);
  assert.equal(info.created.getTime(), CREATED_MS);
  for (const [track, kind, step] of [[1, "picture", 3000], [2, "sound", 1024]] as const) {
    const indexes = indexesOf(TWO_SECONDS, kind);
    const found = samples.get(track) ?? [];
    assert.equal(found.length, indexes.length);
    for (const [i, sample] of found.entries()) {
      const index = indexes[i] ?? 0;
      const described = TWO_SECONDS[index] ?? { kind, dts: 0 };
      assert.equal(sample.dts, i * step);
      assert.equal(sample.duration, step);
      assert.equal(sample.key, kind === "sound" || described.key);
      assert.ok(equalBytes(sample.bytes, payloadOf(described, index)), `${kind} ${i}`);
    }
  }
});

Deno.test("durations are exact where the frame rate varies, open and closed", () => {
  const steps = [1500, 4500, 1, 90_000, 3000, 2999, 45_000, 3000];
  let dts = 0;
  const samples = steps.map((step, i): Described => {
    dts += step;
    return { kind: "picture", dts: dts - step, key: i === 0 };
  });
  const { output, writer } = record(samples);
  writer.flush();
  assert.deepEqual(
    openSamples(output.bytes, 1).map(({ duration }) => duration),
    steps.slice(0, -1),
  );
  writer.close();
  const found = readMovie(output.bytes).samples.get(1) ?? [];
  assert.deepEqual(found.slice(0, -1).map(({ duration }) => duration), steps.slice(0, -1));
});

Deno.test("sound and picture stay as far apart as they were, to the tick", () => {
  // Sound begins 7 ms and a bit after the picture: 647 ticks of 90 kHz cannot say that in 48 kHz.
  const pictures = steadyPictures({ count: 40, first: 900_001 });
  const sounds = steadySounds({ count: 60, first: 480_345 });
  for (const late of [0, 48_000]) {
    const samples = interleave(
      pictures,
      sounds.map((sound) => ({ ...sound, dts: sound.dts + late })),
    );
    const bytes = closed(samples);
    const { info } = readMovie(bytes);
    const starts = info.tracks.map((track) => {
      const [first, second] = track.edits ?? [];
      const empty = first?.media_time === -1 ? first.segment_duration : 0;
      assert.equal((second ?? first)?.media_time ?? 0, 0);
      return empty / info.timescale;
    });
    const apart = (480_345 + late) / 48_000 - 900_001 / 90_000;
    assert.ok(Math.abs((starts[1] ?? 0) - (starts[0] ?? 0) - apart) < 0.51 / 90_000);
    const open = record(samples);
    open.writer.flush();
    const [picture] = openSamples(open.output.bytes, 1);
    const [sound] = openSamples(open.output.bytes, 2);
    assert.ok(Math.abs((sound?.dts ?? 0) / 48_000 - (picture?.dts ?? 0) / 90_000 - apart) < 1e-9);
  }
});

Deno.test("reordered pictures are shown from the start: their delay is an edit", () => {
  const shown = [6000, 15_000, 9000, 12_000];
  const { info, samples } = readMovie(
    closed(
      shown.map((pts, i): Described => ({ kind: "picture", dts: i * 3000, pts, key: i === 0 })),
    ),
  );
  assert.deepEqual(samples.get(1)?.map(({ cts }) => cts), shown);
  const [edit, ...more] = info.tracks[0]?.edits ?? [];
  assert.deepEqual(more, []);
  assert.equal(edit?.media_time, 6000);
  assert.equal(edit?.segment_duration, 12_000);
  assert.equal(info.duration, 12_000);
});

Deno.test("sound from before the file's first second that comes late is counted, not misplaced", () => {
  const samples = [
    ...steadyPictures({ count: 40, first: 900_000 }),
    ...steadySounds({ count: 4, first: 480_000 - 2 * 1024 }),
    ...steadyPictures({ count: 2, first: 900_000 + 40 * 3000 }),
  ];
  const { writer } = record(samples);
  assert.deepEqual(
    [writer.totals.pictures, writer.totals.sounds, writer.totals.early],
    [42, 0, 4],
  );
  writer.close();
});

Deno.test("decode times that stand still are moved apart, what is shown when stays", () => {
  const dts = [0, 3000, 3000, 2000, 6000];
  const found = readMovie(
    closed(
      dts.map((each, i): Described => ({
        kind: "picture",
        dts: each,
        pts: each + 50,
        key: i === 0,
      })),
    ),
  ).samples.get(1) ?? [];
  assert.deepEqual(found.map((sample) => sample.dts), [0, 3000, 3001, 3002, 6000]);
  assert.deepEqual(found.map((sample) => sample.cts), dts.map((each) => each + 50));
});

Deno.test("sound alone makes a file", () => {
  const { info, samples } = readMovie(closed(steadySounds({ count: 100, first: 5000 })));
  assert.equal(info.tracks.length, 1);
  assert.equal(samples.get(2)?.length, 100);
  assert.equal(info.tracks[0]?.edits, undefined);
});

Deno.test("a stream of tiny samples is written before its second is over", () => {
  const { output } = record(
    Array.from({ length: MAX_PART_SAMPLES + 1 }, (_, i): Described => ({
      kind: "picture",
      dts: i,
      key: i === 0,
      bytes: 1,
    })),
  );
  assert.equal(openSamples(output.bytes, 1).length, MAX_PART_SAMPLES - 1);
});

Deno.test("a file is never larger than was said before it was closed", () => {
  for (
    const samples of [TWO_SECONDS, steadyPictures({ count: 1 }), steadySounds({ count: 2000 })]
  ) {
    const { output, writer } = record(samples);
    const most = writer.totals.closedBytes;
    writer.close();
    assert.ok(output.length <= most && output.length > most - 8192 - 30 * samples.length);
    assert.equal(writer.totals.closedBytes, output.length);
    assert.equal(writer.totals.bytes, output.length);
  }
});

Deno.test("a durable recording is on the disk part by part, any other when the system likes", () => {
  const syncs = (durable: boolean): number =>
    record(TWO_SECONDS, { durable }).output.calls.filter((call) => call === "sync").length;
  assert.equal(syncs(true), 2);
  assert.equal(syncs(false), 0);
});

Deno.test("the index is on the disk before the header that makes it count", () => {
  const { output, writer } = record(TWO_SECONDS, { durable: true });
  writer.close();
  assert.deepEqual(output.calls.slice(-5), ["append", "sync", "overwrite", "sync", "close"]);
});

Deno.test("nothing recorded leaves the opening and no index", () => {
  const { output, writer } = record([]);
  writer.close();
  assert.deepEqual([...boxesIn(output.bytes)].map(({ type }) => type), ["ftyp", "free", "moov"]);
});

Deno.test("a full disk costs the part at hand; the file is closed with the others", () => {
  const output = new MemoryOutput();
  const samples = steadyPictures({ count: 300, group: 30 }).map((each) => ({
    ...each,
    bytes: 1000,
  }));
  output.room = 100_000;
  const { segment, batches } = describeStream(samples);
  const writer = new RecordingWriter(output, {
    tracks: segment.tracks,
    createdMs: CREATED_MS,
    durable: false,
  });
  assert.throws(() => {
    for (const batch of batches) {
      for (const fragment of batch.fragments) writer.add(fragment, batch);
    }
  }, RecordingError);
  const whole = openSamples(output.bytes, 1).length;
  assert.ok(whole >= 60 && whole < 100);
  assert.throws(() => writer.close(), RecordingError);
  assert.equal(readMovie(output.bytes).samples.get(1)?.length, whole);
  assert.equal(output.calls.at(-1), "close");
});

Deno.test("when not even the index fits, the file stays as it was while open", () => {
  const { output, writer } = record(TWO_SECONDS);
  writer.flush();
  const open = output.bytes;
  output.room = open.length + 10;
  assert.throws(() => writer.close(), RecordingError);
  assert.ok(equalBytes(output.bytes, open));
});
