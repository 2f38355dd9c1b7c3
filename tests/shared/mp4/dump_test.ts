/** The text of a box tree: fragments and tables golden, damage reported. */

import assert from "node:assert/strict";
import { concatBytes } from "../../../shared/bytes.ts";
import { dumpBoxes, MAX_DUMP_LINES } from "../../../shared/mp4/dump.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { buildFragment } from "../../support/fragments.ts";
import { assertGolden } from "../../support/golden.ts";
import { randomFrom } from "../../support/random.ts";

const FRAGMENT = buildFragment({
  sequence: 3,
  capture: { track: 1, seconds: 3_900_000_000, fraction: 5, mediaTime: 2 ** 33 },
  trafs: [
    {
      track: 1,
      dts: 2 ** 33,
      trunVersion: 1,
      firstFlags: 0x0200_0000,
      samples: [{ duration: 3000, size: 4, compositionOffset: -3000 }],
    },
    {
      track: 2,
      dts: 0,
      defaults: { duration: 1920, size: 1, flags: 0x0200_0000 },
      samples: Array.from({ length: 20 }, () => ({ size: 0 })),
    },
  ],
  payload: new Uint8Array(4),
});

Deno.test("a fragment, tables and an unknown box are named field by field", async () => {
  const w = new ByteWriter(256);
  w.box("elst", () => {
    w.u32(0x0100_0000);
    w.u32(2);
    for (const mediaTime of [-1, 2 ** 33]) {
      w.u64(90_000);
      w.i64(mediaTime);
      w.u32(0x0001_0000);
    }
  });
  w.box("ctts", () => {
    w.u32(0x0100_0000);
    w.u32(1);
    w.u32(5);
    w.i32(-2);
  });
  w.box("wxyz", () => w.zeros(100));
  await assertGolden("dump", dumpBoxes(concatBytes([FRAGMENT, w.written()])));
});

Deno.test("damage is said where it is", () => {
  const text = dumpBoxes(FRAGMENT.subarray(0, FRAGMENT.length - 1));
  assert.match(text, /^! 11 bytes are no whole box: /m);
});

Deno.test("a dump is bounded and survives garbage", () => {
  const many = new ByteWriter(1 << 20);
  for (let i = 0; i < 2 * MAX_DUMP_LINES; i++) many.box("free", () => {});
  assert.match(dumpBoxes(many.written()), /… stopped after 10000 lines\n$/);
  for (let seed = 0; seed < 500; seed++) {
    const random = randomFrom(seed);
    const bytes = FRAGMENT.slice();
    for (let i = 0; i < 4; i++) bytes[random(bytes.length)] = random(256);
    assert.ok(dumpBoxes(bytes).length < 100_000);
  }
});
