/** Counting sound that is made over, and joining it with pictures. */
import assert from "node:assert/strict";
import { FRAME_SAMPLES } from "../../../relay/renditions/aac_encoder.ts";
import { joined } from "../../../relay/renditions/join.ts";
import { SoundCount } from "../../../relay/renditions/sound_count.ts";
import { HEADROOM_BYTES } from "../../../shared/media.ts";
import { ticks } from "../../../shared/units.ts";
import { describeStream } from "../../support/batches.ts";

const run = (
  dts: number,
  duration = 960,
): { dts: ReturnType<typeof ticks>; duration: ReturnType<typeof ticks> } => ({
  dts: ticks(dts),
  duration: ticks(duration),
});

Deno.test("frames are counted from a frame before the first sound on, whatever stamps say meanwhile", () => {
  const count = new SoundCount();
  assert.equal(count.comes(), undefined, "nothing went in");
  count.went(run(48_000));
  count.went(run(48_960 + 3));
  assert.equal(count.comes(), 48_000 - FRAME_SAMPLES);
  assert.equal(count.comes(), 48_000);
  assert.equal(count.comes(), 48_000 + FRAME_SAMPLES);
});

Deno.test("what lies before the stream's beginning is nowhere", () => {
  const count = new SoundCount();
  count.went(run(0));
  assert.equal(count.comes(), undefined);
  assert.equal(count.comes(), 0);
});

Deno.test("a run that is a frame or more off its place does not fit", () => {
  const count = new SoundCount();
  assert.ok(count.fits(run(123)), "the first fits anywhere");
  count.went(run(48_000));
  for (const off of [0, FRAME_SAMPLES - 1, 1 - FRAME_SAMPLES]) {
    assert.ok(count.fits(run(48_960 + off)), `${off}`);
  }
  for (const off of [FRAME_SAMPLES, -FRAME_SAMPLES]) {
    assert.ok(!count.fits(run(48_960 + off)), `${off}`);
  }
});

Deno.test("sound that waited stands before the pictures, each where its fragment says", () => {
  const { batches } = describeStream([
    { kind: "picture", dts: 0, key: true, bytes: 50 },
    { kind: "picture", dts: 3000, bytes: 60 },
  ]);
  const [first, second] = batches;
  assert.ok(first && second);
  const made = joined(first, { pictures: second.fragments, bytes: second.bytes });
  const own = (from: { fragments: typeof made.fragments; bytes: Uint8Array }): string[] =>
    from.fragments.map(({ offset, byteLength }) =>
      from.bytes.subarray(offset, offset + byteLength).join()
    );
  assert.deepEqual(own(made), [...own(first), ...own(second)]);
  assert.equal(made.bytes.byteOffset, HEADROOM_BYTES);
  assert.deepEqual(
    joined(undefined, { pictures: second.fragments, bytes: second.bytes }).fragments.length,
    1,
  );
});
