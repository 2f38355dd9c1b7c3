/** A recording that was never closed gets its index: cut anywhere, interrupted in closing, saved from the web. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { boxesIn } from "../../../shared/mp4/box_reader.ts";
import { readFragments, readSampleDefaults } from "../../../shared/mp4/fragment_reader.ts";
import { RecordingError } from "../../../relay/recordings/output.ts";
import { type Repair, repairRecording } from "../../../relay/recordings/repair.ts";
import { RecordingWriter } from "../../../relay/recordings/writer.ts";
import {
  type Described,
  describeStream,
  interleave,
  steadyPictures,
  steadySounds,
} from "../../support/batches.ts";
import { MemoryOutput } from "../../support/memory_output.ts";
import { readMovie, type ReadSample } from "../../support/mp4box.ts";

const SAMPLES = interleave(
  steadyPictures({ count: 150, first: 360_000, group: 30 }).map((each): Described => ({
    ...each,
    pts: each.dts + 3000,
  })),
  steadySounds({ count: 230, first: 193_000 }),
);

/** The same recording never closed, all flushed, and closed. */
function recordings(): { open: Bytes; closed: Bytes } {
  const output = new MemoryOutput();
  const { segment, batches } = describeStream(SAMPLES);
  const writer = new RecordingWriter(output, {
    tracks: segment.tracks,
    createdMs: 1_700_000_000_000,
    durable: false,
  });
  for (const batch of batches) {
    for (const fragment of batch.fragments) writer.add(fragment, batch);
  }
  writer.flush();
  const open = output.bytes;
  writer.close();
  return { open, closed: output.bytes };
}

/** Repairs a file that holds `bytes`. */
function repaired(bytes: Bytes): { result: Repair; bytes: Bytes } {
  const path = Deno.makeTempFileSync({ suffix: ".mp4" });
  try {
    Deno.writeFileSync(path, bytes);
    const result = repairRecording(path);
    return { result, bytes: Deno.readFileSync(path) };
  } finally {
    Deno.removeSync(path);
  }
}

/** Whether `expected` begins with what was found. */
function sameSamples(found: readonly ReadSample[], expected: readonly ReadSample[]): boolean {
  return found.every(({ dts, cts, key, bytes }, i) => {
    const other = expected[i];
    return other !== undefined && dts === other.dts && cts === other.cts && key === other.key &&
      equalBytes(bytes, other.bytes);
  });
}

const { open, closed } = recordings();

/** Samples of {@link open} in the parts that are whole when it is cut there. */
function wholeUntil(cut: number): number {
  return [...readFragments(open, { defaults: readSampleDefaults(open) })]
    .filter(({ end }) => end <= cut)
    .flatMap(({ tracks }) => tracks)
    .reduce((sum, { samples }) => sum + samples.length, 0);
}

Deno.test("an unclosed recording is repaired to what closing would have made of it", () => {
  const { result, bytes } = repaired(open);
  assert.deepEqual(result, { kind: "repaired", samples: 149 + 229, lostBytes: 0 });
  assert.deepEqual([...boxesIn(bytes)].map(({ type }) => type), ["ftyp", "mdat", "moov"]);
  const [ours, expected] = [readMovie(bytes), readMovie(closed)];
  assert.equal(ours.info.created.getTime(), 1_700_000_000_000);
  assert.deepEqual(
    ours.info.tracks.map(({ edits }) => edits?.map(({ media_time }) => media_time)),
    expected.info.tracks.map(({ edits }) => edits?.map(({ media_time }) => media_time)),
  );
  for (const track of [1, 2]) {
    const found = ours.samples.get(track) ?? [];
    assert.equal(found.length, (expected.samples.get(track)?.length ?? 0) - 1);
    assert.ok(sameSamples(found, expected.samples.get(track) ?? []), `track ${track}`);
  }
});

Deno.test("what was closed or repaired before is left alone", () => {
  for (const whole of [closed, repaired(open).bytes]) {
    const { result, bytes } = repaired(whole);
    assert.deepEqual(result, { kind: "whole" });
    assert.ok(equalBytes(bytes, whole));
  }
});

Deno.test("cut anywhere, every whole part is found and nothing is cut off", () => {
  const expected = readMovie(closed);
  const header = [...boxesIn(open)].find(({ type }) => type === "moov");
  const first = (header?.start ?? 0) + (header?.byteLength ?? 0);
  let before = 0;
  for (let end = open.length; end > first; end -= 97) {
    const torn = open.slice(0, end);
    const path = Deno.makeTempFileSync({ suffix: ".mp4" });
    try {
      Deno.writeFileSync(path, torn);
      const result = repairRecording(path);
      assert.ok(result.kind === "repaired");
      assert.ok(before === 0 || result.samples <= before);
      before = result.samples;
      const bytes = Deno.readFileSync(path);
      assert.ok(bytes.length > end);
      assert.equal(result.samples, wholeUntil(end), `cut at ${end}`);
      const { samples } = readMovie(bytes);
      const listed = [...samples.values()].reduce((sum, each) => sum + each.length, 0);
      assert.equal(listed, result.samples, `cut at ${end}`);
      for (const [track, found] of samples) {
        assert.ok(sameSamples(found, expected.samples.get(track) ?? []), `cut at ${end}`);
      }
    } catch (error) {
      // Less than one whole part: there is nothing to make an index of.
      assert.ok(error instanceof RecordingError && /no picture/.test(error.message), `${error}`);
      assert.ok(equalBytes(Deno.readFileSync(path), torn));
    } finally {
      Deno.removeSync(path);
    }
  }
  assert.ok(before > 0);
});

Deno.test("a crash in the middle of closing loses nothing", () => {
  // The index is there, whole or in part, but not yet the header that makes it count.
  for (const missing of [0, 1, 100]) {
    const interrupted = closed.slice(0, closed.length - missing);
    interrupted.set(open.subarray(28, 44), 28);
    const { result, bytes } = repaired(interrupted);
    assert.equal(result.kind === "repaired" && result.samples, SAMPLES.length);
    for (const track of [1, 2]) {
      const found = readMovie(bytes).samples.get(track) ?? [];
      const expected = readMovie(closed).samples.get(track) ?? [];
      assert.equal(found.length, expected.length);
      assert.ok(sameSamples(found, expected));
    }
  }
});

Deno.test("a stream saved as it came, a fragment for each frame, is repaired too", () => {
  const { segment, batches } = describeStream(SAMPLES);
  const saved = concatBytes([segment.bytes, ...batches.map(({ bytes }) => bytes)]);
  const { result, bytes } = repaired(saved);
  assert.equal(result.kind === "repaired" && result.samples, SAMPLES.length);
  const [ours, expected] = [readMovie(bytes), readMovie(closed)];
  for (const track of [1, 2]) {
    assert.equal(ours.samples.get(track)?.length, expected.samples.get(track)?.length);
    assert.ok(sameSamples(ours.samples.get(track) ?? [], expected.samples.get(track) ?? []));
  }
});

Deno.test("garbage behind the last part is left where it is and shown to nobody", () => {
  const { result, bytes } = repaired(concatBytes([open, new Uint8Array(5000).fill(0xee)]));
  assert.deepEqual(result, { kind: "repaired", samples: 149 + 229, lostBytes: 5000 });
  assert.equal(readMovie(bytes).samples.get(1)?.length, 149);
});

Deno.test("what is no recording is refused in words and left as it is", () => {
  const cases: readonly (readonly [Bytes, RegExp])[] = [
    [new Uint8Array(0), /no recording of Rill's/],
    [new Uint8Array(1000), /no recording of Rill's/],
    [new TextEncoder().encode("not a movie at all, but long enough"), /no recording of Rill's/],
    [open.slice(0, 40), /no recording of Rill's|describes no track/],
    [closed.slice(0, 60), /no recording of Rill's/],
  ];
  for (const [bytes, words] of cases) {
    assert.throws(
      () => repaired(bytes),
      (error) => error instanceof RecordingError && words.test(error.message),
    );
  }
  assert.throws(() => repairRecording("no/such/file.mp4"), RecordingError);
});
