/** What comes out of the queue of decoded sound: continuity, rates, holes, bounds. */

import assert from "node:assert/strict";
import {
  MAX_QUEUE_S,
  type Piece,
  SoundQueue,
} from "../../../../web/src/player/sound/sound_queue.ts";

const RATE = 48_000;
const FRAME = 1024;

/** A piece whose samples say where they are: a slow ramp of media time. */
function ramp(start: number, { samples = FRAME, sampleRate = RATE, channels = 1 } = {}): Piece {
  const plane = Float32Array.from({ length: samples }, (_, i) => (start + i / sampleRate) / 10);
  return { planes: Array.from({ length: channels }, () => plane), sampleRate, start };
}

function read(queue: SoundQueue, samples: number, rate = 1, channels = 1): Float32Array[] {
  const planes = Array.from({ length: channels }, () => new Float32Array(samples));
  queue.read(planes, rate);
  return planes;
}

function fed(pieces: number, options: Parameters<typeof ramp>[1] = {}): SoundQueue {
  const queue = new SoundQueue(RATE);
  const { samples = FRAME, sampleRate = RATE } = options;
  for (let i = 0; i < pieces; i++) queue.push(ramp(1 + i * samples / sampleRate, options));
  return queue;
}

Deno.test("sound comes out as it went in, over the seams, after a fade", () => {
  const queue = fed(4);
  const [plane] = read(queue, 3 * FRAME);
  for (let i = 300; i < 3 * FRAME; i++) {
    assert.ok(Math.abs((plane?.[i] ?? 0) - (1 + i / RATE) / 10) < 1e-6, `sample ${i}`);
  }
  assert.ok((plane?.[0] ?? 1) < 0.01, "it begins softly");
  assert.ok(Math.abs((queue.position ?? 0) - (1 + 3 * FRAME / RATE)) < 1e-9);
  assert.equal(queue.gaps, 0);
});

Deno.test("half a per cent faster, it is half a per cent further", () => {
  const queue = fed(4);
  const [plane] = read(queue, 2 * FRAME, 1.005);
  const last = 2 * FRAME - 1;
  assert.ok(Math.abs((plane?.[last] ?? 0) - (1 + last * 1.005 / RATE) / 10) < 1e-6);
});

Deno.test("sound of another rate is played at its own speed", () => {
  const queue = fed(3, { sampleRate: 24_000 });
  const [plane] = read(queue, 2 * FRAME);
  const last = 2 * FRAME - 1;
  assert.ok(Math.abs((plane?.[last] ?? 0) - (1 + last / RATE) / 10) < 1e-6);
});

Deno.test("one channel serves two", () => {
  const [left, right] = read(fed(2), FRAME, 1, 2);
  assert.deepEqual(left, right);
  assert.ok((right?.[FRAME - 1] ?? 0) > 0);
});

Deno.test("dry, it fades, waits where it is, is counted once, and goes on", () => {
  const queue = fed(1);
  read(queue, FRAME);
  const [silence] = read(queue, 2 * FRAME);
  const at = queue.position ?? 0;
  assert.ok(Math.abs(at - (1 + FRAME / RATE)) < 1e-6);
  assert.ok(Math.abs(silence?.[2 * FRAME - 1] ?? 1) < 1e-3);
  const steepest = Math.max(
    ...(silence ?? []).slice(1).map((v, i) => Math.abs(v - (silence?.[i] ?? 0))),
  );
  assert.ok(steepest < 0.005, `no step, ${steepest}`);
  assert.equal(queue.gaps, 1);
  queue.push(ramp(at));
  const [again] = read(queue, FRAME);
  assert.ok((again?.[FRAME - 1] ?? 0) > 0.1);
  assert.equal(queue.gaps, 1);
});

Deno.test("sound that is missing for good is silence of its length", () => {
  const queue = fed(1);
  queue.push(ramp(1 + FRAME / RATE + 0.1));
  read(queue, FRAME + Math.round(0.1 * RATE) + FRAME / 2);
  assert.ok(Math.abs((queue.position ?? 0) - (1 + 1.5 * FRAME / RATE + 0.1)) < 0.003);
  assert.equal(queue.gaps, 0, "it did not run dry");
});

Deno.test("a hole of a rounding is none", () => {
  const queue = fed(1);
  queue.push(ramp(1 + FRAME / RATE + 0.001));
  const [plane] = read(queue, 2 * FRAME);
  assert.ok(Math.min(...(plane ?? []).slice(FRAME)) > 0.1);
});

Deno.test("what overlaps is left out", () => {
  const queue = fed(2);
  const { end } = queue;
  queue.push(ramp(1));
  assert.equal(queue.end, end);
});

Deno.test("it keeps two seconds and no more", () => {
  const queue = fed(Math.ceil(2 * MAX_QUEUE_S * RATE / FRAME));
  const [plane] = read(queue, 4 * FRAME);
  assert.equal(plane?.[300], 0, "the oldest is gone");
  assert.ok((queue.end ?? 0) > 1 + 2 * MAX_QUEUE_S - 0.1);
});

Deno.test("it begins where it is told, and forgets when it is told", () => {
  const queue = fed(4);
  queue.jump(1.05);
  read(queue, FRAME);
  assert.ok(Math.abs((queue.position ?? 0) - 1.05 - FRAME / RATE) < 1e-6);
  queue.clear();
  assert.deepEqual([queue.position, queue.end], [undefined, undefined]);
  assert.ok((read(queue, 4 * FRAME)[0]?.at(-1) ?? 1) < 1e-3);
});
