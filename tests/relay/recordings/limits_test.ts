/** Recordings that end by themselves. */

import assert from "node:assert/strict";
import type { Limits } from "../../../relay/recordings/limits.ts";
import { Recorder } from "../../../relay/recordings/recorder.ts";
import {
  type Described,
  describeStream,
  interleave,
  steadyPictures,
  steadySounds,
} from "../../support/batches.ts";
import { MemoryOutput } from "../../support/memory_output.ts";

/** Pictures, sounds and bytes of each file, and how many batches were taken. */
function recorded(
  limits: Limits,
  generations: readonly (readonly Described[])[],
): { files: [pictures: number, sounds: number][]; bytes: number } {
  const outputs: MemoryOutput[] = [];
  const recorder = new Recorder({
    path: "gate.mp4",
    open: (path) => {
      const output = new MemoryOutput(path);
      outputs.push(output);
      return output;
    },
    durable: false,
    now: () => 0,
    limits,
  });
  let more = true;
  for (const [index, samples] of generations.entries()) {
    const { segment, batches } = describeStream(samples, { generation: index + 1 });
    if (more) recorder.init(segment);
    for (const batch of batches) {
      const before: boolean = more;
      more = recorder.batch(batch);
      assert.ok(before || !more, "once full, always full");
    }
  }
  recorder.close();
  return {
    files: recorder.files.map(({ totals }) => [totals.pictures, totals.sounds]),
    bytes: outputs.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Ten seconds of 30 pictures a second with sound. */
const STREAM = interleave(
  steadyPictures({ count: 300, first: 360_000, group: 30 }),
  steadySounds({ count: 468, first: 192_000 }),
);

Deno.test("seconds of media: what begins later is left out, run by run", () => {
  assert.deepEqual(recorded({ seconds: 2 }, [STREAM]).files, [[60, 94]]);
  assert.deepEqual(recorded({ seconds: 100 }, [STREAM]).files, [[300, 468]]);
  assert.deepEqual(recorded({ seconds: 0.01 }, [STREAM]).files, [[1, 2]]);
});

Deno.test("a pause in the picture does not lengthen the file", () => {
  const paused = [
    ...steadyPictures({ count: 30 }),
    ...steadyPictures({ count: 30, first: 90_000 * 60 }),
  ];
  assert.deepEqual(recorded({ seconds: 2 }, [paused]).files, [[30, 0]]);
});

Deno.test("frames are pictures, or sounds where there are none", () => {
  assert.deepEqual(recorded({ frames: 45 }, [STREAM]).files.map(([pictures]) => pictures), [45]);
  assert.deepEqual(recorded({ frames: 1 }, [STREAM]).files.map(([pictures]) => pictures), [1]);
  const sounds = steadySounds({ count: 50 }).map((each): Described => ({ ...each, alone: true }));
  assert.deepEqual(recorded({ frames: 7 }, [sounds]).files, [[0, 7]]);
});

Deno.test("bytes are those of the closed file, index included", () => {
  const large = STREAM.map((each): Described => ({ ...each, bytes: 500 }));
  for (const bytes of [50_000, 100_000, 300_000]) {
    const result = recorded({ bytes }, [large]);
    assert.ok(result.bytes <= bytes, `${result.bytes} of ${bytes}`);
    assert.ok(result.bytes > bytes - 12_000, `${result.bytes} of ${bytes}`);
  }
});

Deno.test("limits count over all files of a recording", () => {
  const generations = [1, 2, 3].map((n) => steadyPictures({ count: 40, first: n * 900_000 }));
  assert.deepEqual(recorded({ frames: 50 }, generations).files, [[40, 0], [10, 0]]);
  assert.deepEqual(
    recorded({ seconds: 2 }, generations).files.map(([pictures]) => pictures),
    [40, 20],
  );
});
