/** The cursor writer: every field's bytes, growth, fixed targets, nested boxes. */

import assert from "node:assert/strict";
import { toHex } from "../../../shared/bytes.ts";
import { ByteWriter, MAX_WRITER_BYTES } from "../../../relay/bytes/byte_writer.ts";

type Write = (w: ByteWriter) => void;

const FIELDS: readonly (readonly [description: string, write: Write, hex: string])[] = [
  ["u8", (w) => w.u8(0xab), "ab"],
  ["u16", (w) => w.u16(0xabcd), "abcd"],
  ["i16", (w) => w.i16(-1), "ffff"],
  ["u24", (w) => w.u24(0xabcdef), "abcdef"],
  ["u32", (w) => w.u32(0xfedcba98), "fedcba98"],
  ["i32", (w) => w.i32(-2), "fffffffe"],
  ["u64 above 32 bits", (w) => w.u64(2 ** 40 + 5), "0000010000000005"],
  ["u64 at 2^53 - 1", (w) => w.u64(Number.MAX_SAFE_INTEGER), "001fffffffffffff"],
  ["i64 minus one", (w) => w.i64(-1), "ffffffffffffffff"],
  ["i64 below 32 bits", (w) => w.i64(-(2 ** 33)), "fffffffe00000000"],
  ["i64 positive", (w) => w.i64(2 ** 33 + 1), "0000000200000001"],
  ["fixed16_16", (w) => w.fixed16_16(1.5), "00018000"],
  ["fourcc text", (w) => w.fourcc("moof"), "6d6f6f66"],
  ["fourcc number", (w) => w.fourcc(0x6d6f6f66), "6d6f6f66"],
  ["bytes", (w) => w.bytes(new Uint8Array([1, 2, 3])), "010203"],
  ["zeros", (w) => w.zeros(3), "000000"],
];

Deno.test("each field is big-endian and moves the cursor by its size", () => {
  for (const [description, write, hex] of FIELDS) {
    const w = new ByteWriter(0);
    write(w);
    assert.equal(toHex(w.written()), hex, description);
    assert.equal(w.position, hex.length / 2, description);
  }
});

Deno.test("a growing writer keeps what it has while it grows", () => {
  const w = new ByteWriter(1);
  for (let i = 0; i < 10_000; i++) w.u32(i);
  const view = new DataView(w.written().buffer);
  for (let i = 0; i < 10_000; i++) assert.equal(view.getUint32(4 * i), i);
});

Deno.test("a fixed target is filled in place and never overrun", () => {
  const buffer = new Uint8Array(8).fill(0xee);
  const w = new ByteWriter(buffer.subarray(2, 6));
  w.u32(0x01020304);
  assert.equal(toHex(buffer), "eeee01020304eeee");
  assert.throws(() => w.u8(0), RangeError);
  assert.equal(w.position, 4);
});

Deno.test("a writer has a bound", () => {
  assert.throws(() => new ByteWriter(0).zeros(MAX_WRITER_BYTES + 1), RangeError);
});

Deno.test("boxes nest and state their size", () => {
  const w = new ByteWriter(4);
  w.box("moov", () => {
    w.u8(1);
    const start = w.begin("free");
    w.zeros(2);
    w.end(start);
  });
  w.u8(9);
  assert.equal(toHex(w.written()), "00000013" + "6d6f6f7601" + "0000000a" + "66726565" + "000009");
});

Deno.test("zeros overwrite what an earlier use left", () => {
  const w = new ByteWriter(4);
  w.u32(0xffffffff);
  w.reset();
  w.zeros(4);
  assert.equal(toHex(w.written()), "00000000");
});

Deno.test("only what has been written can be patched", () => {
  const w = new ByteWriter(16);
  w.u32(1);
  w.patchU32(0, 2);
  assert.equal(toHex(w.written()), "00000002");
  assert.throws(() => w.patchU32(1, 0), RangeError);
});
