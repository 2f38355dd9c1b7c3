/** A stream into files: where it begins, what sound comes with it, when it goes on in another file. */

import assert from "node:assert/strict";
import type { Bytes } from "../../../shared/bytes.ts";
import type { Batch } from "../../../shared/media.ts";
import { RecordingError } from "../../../relay/recordings/output.ts";
import { MAX_LEADING_SOUND_SECONDS, Recorder } from "../../../relay/recordings/recorder.ts";
import {
  type Described,
  type DescribedStream,
  describeStream,
  interleave,
  SOUND_TICKS,
  steadyPictures,
  steadySounds,
} from "../../support/batches.ts";
import { MemoryOutput } from "../../support/memory_output.ts";
import { readMovie } from "../../support/mp4box.ts";

class Files {
  readonly outputs: MemoryOutput[] = [];
  readonly recorder: Recorder;

  constructor(path = "gate.mp4") {
    this.recorder = new Recorder({
      path,
      open: (name) => {
        const output = new MemoryOutput(name);
        this.outputs.push(output);
        return output;
      },
      durable: false,
      now: () => 0,
    });
  }

  record({ segment, batches }: DescribedStream, from = 0): void {
    this.recorder.init(segment);
    for (const batch of batches.slice(from)) this.recorder.batch(batch);
  }

  counts(): Record<string, [pictures: number, sounds: number]> {
    this.recorder.close();
    return Object.fromEntries(
      this.recorder.files.map(({ path, totals }) => [path, [totals.pictures, totals.sounds]]),
    );
  }

  bytes(index: number): Bytes {
    return this.outputs[index]?.bytes ?? new Uint8Array(0);
  }
}

const KEY_EVERY_10 = steadyPictures({ count: 40, first: 360_000, group: 10 });

Deno.test("a recording begins with a key picture, wherever it joins", () => {
  for (const [from, pictures] of [[0, 40], [1, 30], [10, 30], [11, 20], [39, 0]] as const) {
    const files = new Files();
    files.record(describeStream(KEY_EVERY_10), from);
    assert.deepEqual(files.counts(), pictures === 0 ? {} : { "gate.mp4": [pictures, 0] });
    if (pictures > 0) assert.equal(readMovie(files.bytes(0)).samples.get(1)?.[0]?.key, true);
  }
});

Deno.test("no file is made before there is something to put in it", () => {
  const files = new Files();
  const { segment } = describeStream(KEY_EVERY_10);
  files.recorder.init(segment);
  assert.equal(files.outputs.length, 0);
  files.recorder.close();
  assert.deepEqual(files.recorder.files, []);
});

Deno.test("at a stream's start the sound before its first picture is kept, but not without end", () => {
  const pictures = steadyPictures({ count: 30, first: 7 * 90_000 });
  for (const [first, kept] of [[6.5, 24], [4, 48]] as const) {
    // From `first` to just after the first picture's time, each sound in a batch of its own.
    const count = Math.ceil((7 - first) * 48_000 / SOUND_TICKS);
    const sounds = steadySounds({ count, first: first * 48_000 });
    const stream = describeStream([
      ...sounds.map((sound): Described => ({ ...sound, alone: true })),
      ...pictures,
    ]);
    const files = new Files();
    files.record(stream);
    assert.deepEqual(files.counts(), { "gate.mp4": [30, kept] });
    const oldest = 7 - MAX_LEADING_SOUND_SECONDS;
    assert.equal(
      kept,
      sounds.filter(({ dts }) => (dts + SOUND_TICKS) / 48_000 > oldest).length,
    );
    const later = new Files();
    later.record(stream, 1);
    assert.deepEqual(later.counts(), { "gate.mp4": [30, 1] });
  }
});

Deno.test("who joins later gets no sound from before the first picture", () => {
  const sounds = steadySounds({ count: 60, first: 192_000 });
  const files = new Files();
  files.record(describeStream(interleave(KEY_EVERY_10, sounds)), 5);
  const firstPicture = (KEY_EVERY_10[10]?.dts ?? 0) / 90_000;
  const heard = sounds.filter(({ dts }) => (dts + SOUND_TICKS) / 48_000 > firstPicture);
  assert.deepEqual(files.counts(), { "gate.mp4": [30, heard.length] });
});

Deno.test("a new generation goes on in a file of its own", () => {
  const files = new Files("folder.d/gate.v1.mp4");
  const told: string[] = [];
  const recorder = new Recorder({
    path: "folder.d/gate.v1.mp4",
    open: (name) => new MemoryOutput(name),
    durable: false,
    now: () => 0,
    onFile: (path) => told.push(path),
  });
  for (const generation of [1, 2, 3]) {
    const stream = describeStream(steadyPictures({ count: 5 }), { generation });
    files.record(stream);
    recorder.init(stream.segment);
    for (const batch of stream.batches) recorder.batch(batch);
  }
  const paths = ["folder.d/gate.v1.mp4", "folder.d/gate.v1-2.mp4", "folder.d/gate.v1-3.mp4"];
  assert.deepEqual(files.counts(), Object.fromEntries(paths.map((path) => [path, [5, 0]])));
  assert.deepEqual(told, paths);
  assert.deepEqual(files.outputs.map(({ calls }) => calls.at(-1)), ["close", "close", "close"]);
  for (const index of [0, 1, 2]) {
    assert.equal(readMovie(files.bytes(index)).samples.get(1)?.length, 5);
  }
  recorder.close();
});

Deno.test("a generation without a key picture makes no file and takes no number", () => {
  const files = new Files("gate");
  files.record(describeStream(steadyPictures({ count: 5 })));
  files.record(describeStream(KEY_EVERY_10.slice(1, 9), { generation: 2 }));
  files.record(describeStream(steadyPictures({ count: 5 }), { generation: 3 }));
  assert.deepEqual(files.counts(), { "gate": [5, 0], "gate-2": [5, 0] });
});

Deno.test("the same init segment again changes nothing; batches of another generation are passed over", () => {
  const files = new Files();
  const { segment, batches } = describeStream(steadyPictures({ count: 6 }));
  const [stray] = describeStream(steadyPictures({ count: 1 }), { generation: 9 }).batches;
  files.recorder.batch(batches[0] as Batch);
  files.recorder.init(segment);
  for (const batch of batches) {
    files.recorder.init(segment);
    files.recorder.batch(batch);
    if (stray !== undefined) files.recorder.batch(stray);
  }
  assert.deepEqual(files.counts(), { "gate.mp4": [6, 0] });
});

Deno.test("sound alone is recorded from the first batch on", () => {
  const files = new Files();
  files.record(describeStream(steadySounds({ count: 20 })));
  assert.deepEqual(files.counts(), { "gate.mp4": [0, 20] });
});

Deno.test("a file that cannot even be begun is closed, and the failure told", () => {
  const output = new MemoryOutput();
  output.room = 100;
  const recorder = new Recorder({
    path: "gate.mp4",
    open: () => output,
    durable: false,
    now: () => 0,
  });
  const { segment, batches } = describeStream(KEY_EVERY_10);
  recorder.init(segment);
  assert.throws(() => recorder.batch(batches[0] as Batch), RecordingError);
  assert.equal(output.calls.at(-1), "close");
  recorder.close();
  assert.deepEqual(recorder.files, []);
});
