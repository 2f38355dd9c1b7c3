/** The 33-bit clock made to run on for ever. */

import assert from "node:assert/strict";
import { Clock33 } from "../../../relay/mpegts/clock.ts";

const WRAP = 2 ** 33;
const THIRD = (WRAP - 2) / 3;

/** Differences of the unwrapped values. */
function steps(raw: readonly number[]): number[] {
  const clock = new Clock33();
  const values = raw.map((value) => clock.unwrap(value));
  return values.slice(1).map((value, i) => value - (values[i] ?? 0));
}

const TABLE: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["runs on", [0, 3003, 6006], [3003, 3003]],
  ["wraps forward", [WRAP - 3000, WRAP - 1, 0, 2999], [2999, 1, 2999]],
  ["a picture before the wrap after a sound behind it", [WRAP - 10, 20, WRAP - 5, 30], [
    30,
    -25,
    35,
  ]],
  ["wraps twice, in thirds", [WRAP - 2, THIRD, 2 * THIRD, 1, THIRD], [
    THIRD + 2,
    THIRD,
    THIRD + 3,
    THIRD - 1,
  ]],
  ["a small step back", [9000, 3000, 12_000], [-6000, 9000]],
  ["the whole range is near itself", [5, 5], [0]],
];

for (const [name, raw, expected] of TABLE) {
  Deno.test(`clock: ${name}`, () => assert.deepEqual(steps(raw), expected));
}

Deno.test("clock: nothing is negative, even what began before the first value's wrap", () => {
  const clock = new Clock33();
  clock.unwrap(10);
  assert.equal(clock.unwrap(WRAP - 10), WRAP - 10);
});

Deno.test("clock: after a reset a value stands for itself", () => {
  const clock = new Clock33();
  const first = clock.unwrap(1000);
  clock.unwrap(WRAP / 2 - 1);
  clock.unwrap(WRAP - 2);
  assert.ok(clock.unwrap(1000) > first);
  clock.reset();
  assert.equal(clock.unwrap(1000), first);
});

Deno.test("clock: 30 000 wraps stay whole numbers", () => {
  const clock = new Clock33();
  const first = clock.unwrap(0);
  let last = first;
  for (let i = 0; i < 30_000; i++) {
    for (const raw of [WRAP / 3, 2 * WRAP / 3, 7]) last = clock.unwrap(Math.floor(raw));
  }
  assert.equal(last, first + 30_000 * WRAP + 7);
});
