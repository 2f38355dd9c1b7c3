/** Bits and Exp-Golomb codes: the standard's own table, and what lies beyond the end. */

import assert from "node:assert/strict";
import { BitReader } from "../../../relay/bytes/bit_reader.ts";
import { BitWriter } from "../../support/avc_builder.ts";
import { randomFrom } from "../../support/random.ts";

/** A reader of bits written down as 0 and 1. */
function over(bits: string): BitReader {
  const w = new BitWriter();
  for (const bit of bits) w.u(1, Number(bit));
  return new BitReader(w.bytes());
}

Deno.test("bits, most significant first, across bytes", () => {
  const r = new BitReader(new Uint8Array([0b1010_0101, 0xff, 0x00, 0x12, 0x34]));
  assert.deepEqual([r.bit(), r.flag(), r.bits(3), r.bits(7)], [1, false, 0b100, 0b1011111]);
  r.skip(4);
  assert.equal(r.bits(0), 0);
  assert.equal(r.bits(24), 0x001234);
  assert.equal(r.remaining, 0);
  assert.equal(r.overrun, false);
});

Deno.test("32 bits are unsigned", () => {
  assert.equal(new BitReader(new Uint8Array(4).fill(0xff)).bits(32), 0xffffffff);
});

// Rec. ITU-T H.264 table 9-2
const UE: readonly (readonly [string, number])[] = [
  ["1", 0],
  ["010", 1],
  ["011", 2],
  ["00100", 3],
  ["00101", 4],
  ["00110", 5],
  ["00111", 6],
  ["0001000", 7],
  ["0001001", 8],
  ["0001010", 9],
];

Deno.test("ue(v): table 9-2", () => {
  for (const [bits, value] of UE) assert.equal(over(bits).ue(), value, bits);
});

Deno.test("se(v): table 9-3", () => {
  const expected = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5];
  UE.forEach(([bits], i) => assert.equal(over(bits).se(), expected[i], bits));
});

Deno.test("codes of any size, one behind the other", () => {
  const random = randomFrom(8);
  const values = Array.from({ length: 500 }, () => 2 ** random(30) - 1 + random(1000));
  const w = new BitWriter();
  for (const value of values) w.ue(value).se(value % 2 ? value : -value);
  const r = new BitReader(w.bytes());
  for (const value of values) {
    assert.equal(r.ue(), value, "seed 8");
    assert.equal(r.se(), value % 2 ? value : 0 - value, "seed 8");
  }
});

Deno.test("the largest code, 2^32 - 2", () => {
  const r = new BitReader(new BitWriter().u(31, 0).u(1, 1).u(31, 2 ** 31 - 1).bytes());
  assert.equal(r.ue(), 2 ** 32 - 2);
});

Deno.test("beyond the end there are zeros, and it shows", () => {
  const r = new BitReader(new Uint8Array([0xff]));
  assert.equal(r.bits(12), 0xff0);
  assert.equal(r.overrun, true);
  assert.equal(r.remaining, -4);
  assert.equal(r.ue(), 0);
  assert.equal(r.bit(), 0);
});

Deno.test("zeros all through end, wherever the reader stands", () => {
  const r = new BitReader(new Uint8Array(2));
  for (let i = 0; i < 10; i++) assert.ok(r.ue() >= 0);
  assert.equal(r.overrun, true);
});
