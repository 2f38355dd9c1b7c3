/** Finding boxes, whole and damaged. */

import assert from "node:assert/strict";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import {
  boxAt,
  boxesIn,
  boxHeaderAt,
  findBox,
  findBoxes,
  i32At,
  i64At,
  u16At,
  u32At,
  u64At,
} from "../../../shared/mp4/box_reader.ts";
import type { Bytes } from "../../../shared/bytes.ts";
import { randomFrom } from "../../support/random.ts";

function build(body: (w: ByteWriter) => void): Bytes {
  const w = new ByteWriter(64);
  body(w);
  return w.written().slice();
}

const TREE = build((w) => {
  w.box("free", () => {});
  w.box("moov", () => {
    w.box("trak", () => w.u8(1));
    w.box("udta", () => w.u8(9));
    w.box("trak", () => w.u8(2));
  });
});

Deno.test("numbers are read big-endian, and as zero past the end", () => {
  const bytes = new Uint8Array([0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 2]);
  assert.equal(u16At(bytes, 2), 0xfffe);
  assert.equal(u32At(bytes, 0), 0xfffffffe);
  assert.equal(i32At(bytes, 0), -2);
  assert.equal(i64At(bytes, 0), -2 * 2 ** 32 + 2);
  assert.equal(u64At(new Uint8Array([0, 0, 1, 0, 0, 0, 0, 5]), 0), 2 ** 40 + 5);
  assert.equal(u32At(bytes, 6), 0x00020000);
  assert.equal(u32At(bytes, 100), 0);
});

Deno.test("boxes are found one by one and by path", () => {
  assert.deepEqual([...boxesIn(TREE)].map((box) => [box.type, box.start, box.byteLength]), [
    ["free", 0, 8],
    ["moov", 8, 35],
  ]);
  assert.deepEqual([...findBoxes(TREE, "moov/trak")].map((box) => box.body[0]), [1, 2]);
  assert.equal(findBox(TREE, "moov/udta")?.body[0], 9);
  assert.equal(findBox(TREE, "moov/trak/tkhd"), undefined);
  assert.equal(findBox(TREE, "udta"), undefined);
});

Deno.test("a body is a view, not a copy", () => {
  assert.equal(findBox(TREE, "moov/udta")?.body.buffer, TREE.buffer);
});

Deno.test("64-bit sizes and the box without an end are read", () => {
  const long = build((w) => {
    w.u32(1);
    w.fourcc("mdat");
    w.u64(18);
    w.u16(7);
  });
  assert.deepEqual(boxHeaderAt(long, 0), { type: "mdat", headerBytes: 16, byteLength: 18 });
  assert.equal(boxAt(long, 0)?.body.length, 2);
  const open = build((w) => {
    w.u32(0);
    w.fourcc("mdat");
    w.u16(7);
  });
  assert.equal(boxHeaderAt(open, 0)?.byteLength, undefined);
  assert.equal(boxAt(open, 0)?.body.length, 2);
});

Deno.test("what does not fit ends the level", () => {
  const damaged: readonly (readonly [string, Bytes])[] = [
    ["header cut", TREE.subarray(0, 7)],
    ["body cut", TREE.subarray(0, TREE.length - 1)],
    ["size below the header's own", new Uint8Array([0, 0, 0, 7, 0x66, 0x72, 0x65, 0x65])],
    ["64-bit size cut", new Uint8Array([0, 0, 0, 1, 0x66, 0x72, 0x65, 0x65, 0, 0])],
    [
      "64-bit size past 2^53",
      new Uint8Array([0, 0, 0, 1, 0x66, 0x72, 0x65, 0x65, 0xff, 0, 0, 0, 0, 0, 0, 0]),
    ],
  ];
  for (const [description, bytes] of damaged) {
    const types = [...boxesIn(bytes)].map((box) => box.type);
    assert.deepEqual(types, description === "body cut" ? ["free"] : [], description);
  }
});

Deno.test("garbage neither throws nor loops", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = randomFrom(seed);
    const bytes = seed % 2 === 0 ? TREE.slice() : new Uint8Array(64);
    for (let i = 0; i < 4; i++) bytes[random(bytes.length)] = random(256);
    const boxes = [...boxesIn(bytes)];
    assert.ok(boxes.length <= bytes.length / 8, `seed ${seed}`);
    findBox(bytes, "moov/trak/mdia");
  }
});
