/** The reused buffer: what is appended is there, within the bound. */

import assert from "node:assert/strict";
import { Growable } from "../../../relay/bytes/growable.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

Deno.test("parts are appended and seen as one", () => {
  const buffer = new Growable(4, 100);
  assert.equal(buffer.append(BYTES, 3, 6), true);
  assert.equal(buffer.append(BYTES, 10, 15), true);
  assert.deepEqual([...buffer.view()], [3, 4, 5, 10, 11, 12, 13, 14]);
  assert.equal(buffer.length, 8);
});

Deno.test("past the bound nothing is appended and nothing is lost", () => {
  const buffer = new Growable(4, 10);
  buffer.append(BYTES, 0, 8);
  assert.equal(buffer.append(BYTES, 0, 3), false);
  assert.deepEqual([...buffer.view()], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(buffer.append(BYTES, 50, 52), true, "the bound itself is allowed");
  assert.equal(buffer.length, 10);
});

Deno.test("cleared it is empty, and its memory is used again", () => {
  const buffer = new Growable(16, 16);
  buffer.append(BYTES, 0, 16);
  const before = buffer.view().buffer;
  buffer.clear();
  assert.equal(buffer.length, 0);
  buffer.append(BYTES, 90, 93);
  assert.deepEqual([...buffer.view()], [90, 91, 92]);
  assert.equal(buffer.view().buffer, before);
});

Deno.test("consumed from the front, the rest moves up", () => {
  const buffer = new Growable(4, 100);
  buffer.append(BYTES, 0, 10);
  buffer.consume(7);
  assert.deepEqual([...buffer.view()], [7, 8, 9]);
  buffer.append(BYTES, 20, 21);
  buffer.consume(0);
  assert.deepEqual([...buffer.view()], [7, 8, 9, 20]);
  buffer.consume(4);
  assert.equal(buffer.length, 0);
});

Deno.test("an empty part is no part", () => {
  const buffer = new Growable(0, 10);
  assert.equal(buffer.append(BYTES, 5, 5), true);
  assert.equal(buffer.view().length, 0);
});

Deno.test("whatever the alignment of source and buffer, what is appended is what was given", () => {
  const large = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) & 0xff);
  for (let start = 0; start < 5; start++) {
    for (const count of [0, 1, 3, 4, 8, 12, 20, 183, 184, 188, 256, 257, 260, 1000]) {
      for (let before = 0; before < 5; before++) {
        const buffer = new Growable(8, 4096);
        buffer.append(large, 0, before);
        const source = large.subarray(start, start + 2048);
        buffer.append(source, start, start + count);
        const wanted = [...large.subarray(0, before), ...source.subarray(start, start + count)];
        assert.deepEqual([...buffer.view()], wanted, `${start} ${count} ${before}`);
      }
    }
  }
});

Deno.test("one source after the other, each of its own memory", () => {
  const buffer = new Growable(64, 64);
  buffer.append(Uint8Array.of(1, 2, 3, 4), 0, 4);
  buffer.append(Uint8Array.of(5, 6, 7, 8), 0, 4);
  assert.deepEqual([...buffer.view()], [1, 2, 3, 4, 5, 6, 7, 8]);
});
