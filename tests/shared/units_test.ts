/** Times from one unit to another: nearest integer, no drift, no overflow. */

import assert from "node:assert/strict";
import { micros, millis, MPEG_TIMESCALE, rescale, ticks } from "../../shared/units.ts";

const CASES: readonly (readonly [value: number, from: number, to: number, expected: number])[] = [
  [0, 90_000, 48_000, 0],
  [90_000, 90_000, 48_000, 48_000],
  [3_003, 90_000, 1_000_000, 33_367],
  [1_024, 48_000, 90_000, 1_920],
  [1, 90_000, 1_000, 0],
  [45, 90_000, 1_000, 1],
  [44, 90_000, 1_000, 0],
  [89_999, 90_000, 1_000, 1_000],
  [12.5, 1_000, 1_000, 12.5],
  [-90_000, 90_000, 1_000, -1_000],
  [-45_000, 90_000, 1_000, -500],
  [-3_003, 90_000, 1_000_000, -33_367],
  // Since the epoch: the bare product would be 1.5e20.
  [1_700_000_000_123_456, 1_000_000, 90_000, 153_000_000_011_111],
  [153_000_000_011_111, 90_000, 1_000_000, 1_700_000_000_123_456],
  [2 ** 33, 90_000, 44_100, 4_209_067_950],
];

for (const [value, from, to, expected] of CASES) {
  Deno.test(`${value} at ${from} a second is ${expected} at ${to}`, () => {
    assert.equal(rescale(value, from, to), expected);
  });
}

Deno.test("seconds up to three thousand years come back as they went", () => {
  for (const seconds of [1, 3_600, 86_400 * 365, 86_400 * 365 * 3_000]) {
    const there = rescale(seconds, 1, MPEG_TIMESCALE);
    assert.equal(there, seconds * 90_000);
    assert.equal(rescale(there, MPEG_TIMESCALE, 1), seconds);
  }
});

Deno.test("against exact arithmetic, no conversion is off by more than half a unit", () => {
  const rates = [1_000, 44_100, 48_000, 90_000, 1_000_000];
  for (const from of rates) {
    for (const to of rates) {
      for (let value = 1; value < 2 ** 40; value = value * 3 + 7) {
        const off = BigInt(rescale(value, from, to)) * BigInt(from) - BigInt(value) * BigInt(to);
        assert.ok(
          2n * (off < 0n ? -off : off) <= BigInt(from),
          `${value} from ${from} to ${to} is off by ${off}/${from}`,
        );
      }
    }
  }
});

Deno.test("naming a unit changes no number", () => {
  assert.deepEqual([ticks(1.5), micros(-2), millis(3)], [1.5, -2, 3]);
});
