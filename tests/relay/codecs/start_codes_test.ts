/** Start codes by vectors and byte by byte: the same places as the plainest search, over the edges of blocks too. */

import assert from "node:assert/strict";
import { findStartCode, StartCodes } from "../../../relay/codecs/start_codes.ts";
import { randomFrom } from "../../support/random.ts";

const BLOCK = 64 * 1024;
const WAYS = ["vectors", "bytes"] as const;

function all(codes: StartCodes, bytes: Uint8Array): number[] {
  const found: number[] = [];
  codes.search(bytes);
  for (let at = codes.next(); at >= 0; at = codes.next()) found.push(at);
  return found;
}

/** §B.1.1 in the plainest words. */
function plainly(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 3 <= bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) found.push(at);
  }
  return found;
}

for (const way of WAYS) {
  Deno.test(`${way}: a start code at every place of a short stream, and none where its end is cut off`, () => {
    const codes = StartCodes.open(way);
    for (let length = 0; length < 70; length++) {
      for (let at = 0; at + 2 <= length; at++) {
        const bytes = new Uint8Array(length).fill(9);
        bytes.set([0, 0, 1].slice(0, length - at), at);
        assert.deepEqual(all(codes, bytes), at + 3 <= length ? [at] : [], `${at} of ${length}`);
      }
    }
  });

  Deno.test(`${way}: start codes around the edges of blocks are found once`, () => {
    const codes = StartCodes.open(way);
    for (const edge of [BLOCK, 2 * BLOCK - 2]) {
      for (let at = edge - 20; at < edge + 20; at++) {
        const bytes = new Uint8Array(2 * BLOCK + 40).fill(7);
        bytes.set([0, 0, 1], at);
        assert.deepEqual(all(codes, bytes), [at]);
      }
    }
  });

  Deno.test(`${way}: nothing of a longer stream before is seen behind the end of a shorter one`, () => {
    const codes = StartCodes.open(way);
    const long = new Uint8Array(100);
    for (let at = 0; at + 3 <= long.length; at += 3) long.set([0, 0, 1], at);
    for (let length = 0; length < 60; length++) {
      assert.equal(all(codes, long).length, 33);
      assert.deepEqual(all(codes, new Uint8Array(length)), []);
    }
  });

  Deno.test(`${way}: the same as a plain search, in strings of few different bytes`, () => {
    const codes = StartCodes.open(way);
    const random = randomFrom(11);
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from(
        { length: random(120) },
        () => [0, 0, 0, 1, 1, 2, 255][random(7)] ?? 0,
      );
      const wanted = plainly(bytes);
      assert.deepEqual(all(codes, bytes), wanted, `round ${round}, seed 11`);
      assert.equal(findStartCode(bytes, 0), wanted[0] ?? -1);
    }
  });

  Deno.test(`${way}: a search that was left goes over into the next`, () => {
    const codes = StartCodes.open(way);
    codes.search(Uint8Array.of(0, 0, 1, 0, 0, 1));
    assert.equal(codes.next(), 0);
    assert.deepEqual(all(codes, Uint8Array.of(5, 0, 0, 1)), [1]);
    assert.equal(codes.next(), -1, "nothing more");
  });
}
