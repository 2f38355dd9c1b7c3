/** Pictures and sound of two programs through the pipeline: on one clock, however often either begins anew. */

import assert from "node:assert/strict";
import { micros } from "../../../shared/units.ts";
import { JointOutput } from "../../../relay/sources/joint.ts";
import { annexB, pps, slice, sps } from "../../support/avc_builder.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { AUDIO, Ingested, steps, VIDEO } from "../../support/ingested.ts";
import { RecordingOutput } from "../../support/source_output.ts";

/** On the origin clock; any will do. */
const START_MS = 1_700_000_000_000;
const PICTURE_MS = 40;
const GROUP = 5;
/** AAC has 1024 samples a frame, of 48 000 a second. */
const SOUND_MS = 1024 / 48;

/** A camera and a microphone, each a program's; written down, and played into a pipeline cut anywhere. */
class Joint {
  ms = START_MS;
  pictures = 0;
  readonly #aheadMs: number;
  readonly #out = Object.assign(new RecordingOutput(), { now: () => micros(this.ms * 1000) });
  readonly #joint = new JointOutput(this.#out, () => this.ms + this.#aheadMs);
  #camera = new CameraStream();
  #microphone = new CameraStream();
  #sounds = 0;

  /** @param aheadMs how far the wall clock, which programs stamp by, is ahead of the origin clock. */
  constructor(aheadMs = 0) {
    this.#aheadMs = aheadMs;
  }

  get #wallTicks(): number {
    return Math.round((this.ms + this.#aheadMs) * 90);
  }

  /** Pictures and sound of so many groups. @param by how the pictures come. */
  film(groups: number, { by, sound }: { by: "v4l2-ctl" | "ffmpeg"; sound: boolean }): this {
    let due = this.ms;
    for (let i = 0; i < groups * GROUP; i++) {
      if (by === "ffmpeg") this.#encoded();
      else this.#frame();
      const next = this.ms + PICTURE_MS;
      for (; sound && due < next; due += SOUND_MS) this.#sound(due);
      this.ms = next;
    }
    return this;
  }

  soundEnd(): this {
    this.#joint.soundEnd();
    this.#microphone = new CameraStream();
    this.#sounds = 0;
    return this;
  }

  #frame(): void {
    const key = this.pictures % GROUP === 0;
    const units = [...(key ? [sps(), pps()] : []), slice({ key, seed: this.pictures++ })];
    this.#joint.frames.data(annexB(units), micros(this.ms * 1000));
  }

  #encoded(): void {
    if (this.pictures === 0) this.#camera.tables(["picture"]);
    this.#camera.picture({ key: this.pictures++ % GROUP === 0, dts: this.#wallTicks });
    this.#joint.transport.data(this.#camera.take(), micros(0));
  }

  #sound(ms: number): void {
    const before = this.ms;
    this.ms = ms;
    if (this.#sounds++ === 0) this.#microphone.tables(["sound"]);
    this.#microphone.clock.sound = this.#wallTicks;
    this.#joint.sound(this.#microphone.sound().take());
    this.ms = before;
  }

  /** What comes of it. @param step bytes that come together; as they were written if not given. */
  play(step?: number): Ingested {
    const product = new Ingested({ format: "joint", reliable: true, clock: "capture" });
    for (const { bytes, arrival } of this.#out.all("data")) {
      for (let at = 0; at < bytes.length; at += step ?? bytes.length) {
        product.ingest.data(bytes.subarray(at, at + (step ?? bytes.length)), arrival);
      }
    }
    product.ingest.end();
    return product;
  }
}

/** When a track begins, ms. */
function beginning(product: Ingested, track: number): number {
  const [first] = product.samples(track);
  assert.ok(first);
  return first.dts / (track === VIDEO ? 90 : 48);
}

for (const by of ["v4l2-ctl", "ffmpeg"] as const) {
  for (const aheadMs of [0, 7_200_000, -3_333]) {
    Deno.test(`pictures by ${by}, sound by another program, the wall clock ${aheadMs} ms ahead: together`, () => {
      const product = new Joint(aheadMs).film(4, { by, sound: true }).play();
      assert.deepEqual(product.segments.map(({ tracks }) => tracks.length), [2]);
      assert.equal(product.samples(VIDEO).length, 4 * GROUP);
      assert.deepEqual(new Set(steps(product.times(VIDEO))), new Set([PICTURE_MS * 90]));
      assert.deepEqual(new Set(steps(product.times(AUDIO))), new Set([1024]));
      // Both began at once; time stamps are rounded to a ninetieth of a millisecond.
      const apart = beginning(product, AUDIO) - beginning(product, VIDEO);
      assert.ok(Math.abs(apart) < 0.05, `${apart} ms`);
    });
  }
}

Deno.test("sound that begins late, ends, and begins again: pictures go on, times stay true", () => {
  const joint = new Joint(5_000);
  joint.film(8, { by: "v4l2-ctl", sound: false }); // longer than sound is waited for
  joint.film(2, { by: "v4l2-ctl", sound: true }).soundEnd();
  joint.film(2, { by: "v4l2-ctl", sound: false });
  const again = joint.ms;
  joint.film(2, { by: "v4l2-ctl", sound: true });
  const product = joint.play();
  assert.deepEqual(
    product.segments.map(({ tracks }) => tracks.map(({ kind }) => kind).join("+")),
    ["video", "video+audio", "video", "video+audio"],
  );
  const pictures = product.samples(VIDEO);
  assert.equal(pictures.length, joint.pictures);
  assert.deepEqual(new Set(steps(product.times(VIDEO))), new Set([PICTURE_MS * 90]));
  // Sound that comes before the key picture which begins its generation is left out: a group of it at most.
  const last = product.samples(AUDIO).filter(({ generation }) => generation === 4);
  const [first] = pictures;
  const late = (last[0]?.dts ?? 0) / 48 - (first?.dts ?? 0) / 90 - (again - START_MS);
  const frames = late / SOUND_MS;
  assert.ok(late >= -0.05 && late < GROUP * PICTURE_MS + SOUND_MS, `${late} ms`);
  assert.ok(Math.abs(frames - Math.round(frames)) < 0.01, `${frames} frames`);
});

Deno.test("records cut anywhere give the same", () => {
  const joint = new Joint(1_000).film(2, { by: "v4l2-ctl", sound: true });
  const whole = joint.play();
  for (const step of [1, 7, 13, 1000]) {
    const cut = joint.play(step);
    for (const track of [VIDEO, AUDIO]) {
      assert.deepEqual(
        cut.samples(track).map(({ dts, payload }) => [dts, payload]),
        whole.samples(track).map(({ dts, payload }) => [dts, payload]),
        `${step} bytes at once`,
      );
    }
  }
});
