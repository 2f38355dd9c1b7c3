/** RTCP that goes back to a publisher, byte by byte, and reports of arrival read back by another reader. */

import assert from "node:assert/strict";
import { Congestion } from "../../../../relay/publish/whip/congestion.ts";
import {
  type Came,
  writeCongestion,
  writeNack,
  writePli,
} from "../../../../relay/publish/whip/feedback.ts";
import { isStun, ufragOf } from "../../../../relay/publish/whip/stun.ts";
import { toHex } from "../../../../shared/bytes.ts";
import { randomFrom } from "../../../support/random.ts";

const SOURCES = { sender: 1, media: 0xaabb_ccdd };

Deno.test("a key picture is asked for", () => {
  assert.equal(toHex(writePli(SOURCES)), "81ce000200000001aabbccdd");
});

Deno.test("packets are asked for again, sixteen behind one, across the wrap of their numbers", () => {
  const bytes = writeNack(SOURCES, [0xfffe, 0xffff, 0, 14, 15, 200]);
  // fffe and 1, 2, 16 behind it; 15 stands 17 behind: a field of its own.
  assert.equal(toHex(bytes), "81cd000500000001aabbccdd" + "fffe8003" + "000f0000" + "00c80000");
});

/** Transport feedback, draft-holmer §3.1, by the letter. */
function readCongestion(b: Uint8Array): { sequence: number; at: number | undefined }[] {
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  assert.equal(v.getUint16(2), b.length / 4 - 1);
  assert.equal(v.getUint16(0), 0x8fcd);
  const base = v.getUint16(12);
  const count = v.getUint16(14);
  const symbols: number[] = [];
  let at = 20;
  for (; symbols.length < count; at += 2) {
    const chunk = v.getUint16(at);
    assert.equal(chunk >> 14, 3, "a vector of two-bit symbols");
    for (let i = 6; i >= 0; i--) symbols.push((chunk >> (2 * i)) & 3);
  }
  let time = (v.getUint32(16) >> 8) * 64_000;
  return symbols.slice(0, count).map((symbol, i) => {
    const sequence = (base + i) & 0xffff;
    if (symbol === 0) return { sequence, at: undefined };
    time += 250 * (symbol === 1 ? v.getUint8(at) : v.getInt16(at));
    at += symbol === 1 ? 1 : 2;
    return { sequence, at: time };
  });
}

for (let seed = 1; seed <= 20; seed++) {
  Deno.test(`arrivals are reported as they were, losses as losses (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const first = random(0x1_0000);
    const came: Came[] = [];
    let arrivalUs = random(1_000_000_000);
    const total = 1 + random(300);
    for (let i = 0; i < total; i++) {
      // Early ones and late ones, and pauses: differences of either sign, and of two bytes.
      arrivalUs += random(20) === 0 ? random(500_000) : random(3000) - 500;
      if (i === total - 1 || random(5) > 0) came.push({ sequence: first + i, arrivalUs });
    }
    const read = readCongestion(writeCongestion(SOURCES, came, { first, count: 3 }));
    assert.equal(read.length, total);
    for (const { sequence, at } of read) {
      const sent = came.find((one) => (one.sequence & 0xffff) === sequence);
      assert.equal(at === undefined, sent === undefined, `${sequence}`);
      if (sent && at !== undefined) assert.ok(Math.abs(at - sent.arrivalUs) <= 125, `${sequence}`);
    }
  });
}

Deno.test("reports follow each other without a hole, and say each loss once", async () => {
  const reports: Uint8Array[] = [];
  const done = Promise.withResolvers<void>();
  using congestion = new Congestion((write) => {
    reports.push(write(SOURCES));
    if (reports.length === 2) done.resolve();
  });
  for (const number of [0xfffe, 0, 1]) congestion.take(number, 1000);
  const again = setInterval(() => {
    if (reports.length !== 1) return;
    clearInterval(again);
    for (const number of [4, 3, 6]) congestion.take(number, 2000);
  }, 5);
  await done.promise;
  const [first = [], second = []] = reports.map(readCongestion);
  assert.deepEqual(first.map(({ at }) => at !== undefined), [true, false, true, true]);
  assert.deepEqual(second.map(({ sequence }) => sequence), [2, 3, 4, 5, 6]);
  assert.deepEqual(second.map(({ at }) => at !== undefined), [false, true, true, false, true]);
});

Deno.test("a connectivity check says whose it is; what is none does not", () => {
  const name = new TextEncoder().encode("mine:theirs");
  const check = new Uint8Array([
    ...[0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42],
    ...new Array<number>(12).fill(5),
    ...[0x80, 0x22, 0, 3, 1, 2, 3, 0],
    ...[0, 6, 0, name.length, ...name, 0],
  ]);
  assert.ok(isStun(check));
  assert.equal(ufragOf(check), "mine");
  for (let length = 0; length < check.length - 1; length++) {
    const cut = check.subarray(0, length);
    assert.equal(isStun(cut) ? ufragOf(cut) : undefined, undefined, `${length} bytes`);
  }
  const random = randomFrom(1);
  for (let i = 0; i < 1000; i++) {
    const noise = Uint8Array.from({ length: random(100) }, () => random(256));
    if (isStun(noise)) ufragOf(noise);
    ufragOf(noise);
  }
});
