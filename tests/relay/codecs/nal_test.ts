/** NAL units cut out of a byte stream, and emulation prevention: literal bytes. */

import assert from "node:assert/strict";
import { MAX_NAL_UNITS, splitNalUnits, unescape } from "../../../relay/codecs/nal.ts";
import { annexB, escape } from "../../support/avc_builder.ts";
import { randomFrom } from "../../support/random.ts";

const SPLIT: readonly (readonly [string, readonly number[], readonly (readonly number[])[]])[] = [
  ["nothing", [], []],
  ["no start code", [1, 2, 3, 4, 5], []],
  ["a start code alone", [0, 0, 1], []],
  ["zeros alone", [0, 0, 0, 0, 0, 0], []],
  ["three bytes of start code", [0, 0, 1, 9], [[9]]],
  ["four bytes of start code", [0, 0, 0, 1, 9], [[9]]],
  ["many zeros before", [0, 0, 0, 0, 0, 0, 1, 9, 8], [[9, 8]]],
  ["bytes before the first", [7, 7, 0, 0, 1, 9], [[9]]],
  ["one zero before the first", [0, 1, 0, 0, 1, 9], [[9]]],
  ["two units", [0, 0, 1, 9, 0, 0, 1, 8], [[9], [8]]],
  ["two units, the second's start code longer", [0, 0, 1, 9, 0, 0, 0, 1, 8], [[9], [8]]],
  ["zeros behind a unit", [0, 0, 1, 9, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0], [[9], [8]]],
  ["two start codes in a row", [0, 0, 1, 0, 0, 1, 8], [[8]]],
  ["ones everywhere", [0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1], [[1, 1, 0, 1, 1], [1]]],
  ["a one behind one zero", [0, 0, 1, 5, 0, 1, 0, 1, 5], [[5, 0, 1, 0, 1, 5]]],
  ["00 00 02 and 00 00 03 are no start codes", [0, 0, 1, 5, 0, 0, 2, 0, 0, 3, 1], [[
    ...[5, 0, 0, 2, 0, 0, 3, 1],
  ]]],
  ["units of one byte", [0, 0, 1, 5, 0, 0, 1, 6, 0, 0, 1, 7], [[5], [6], [7]]],
];

for (const [name, bytes, expected] of SPLIT) {
  Deno.test(`split: ${name}`, () => {
    const into = [new Uint8Array([99])];
    assert.equal(splitNalUnits(new Uint8Array(bytes), into), true);
    assert.deepEqual(into.map((unit) => [...unit]), expected);
  });
}

Deno.test("split: the same as a plain search, for all strings of few different bytes", () => {
  const random = randomFrom(7);
  for (let round = 0; round < 4000; round++) {
    const bytes = Uint8Array.from(
      { length: random(40) },
      () => [0, 0, 0, 1, 1, 2, 3][random(7)] ?? 0,
    );
    const into: Uint8Array[] = [];
    splitNalUnits(bytes, into);
    assert.deepEqual(into.map((unit) => [...unit]), plainSearch([...bytes]), `[${bytes}], seed 7`);
  }
});

/** §B.1.1 in the plainest words. */
function plainSearch(bytes: readonly number[]): number[][] {
  const starts = bytes.flatMap((byte, i) =>
    byte === 1 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0 ? [i + 1] : []
  );
  return starts.map((start, i) => {
    const next = starts[i + 1];
    const unit = bytes.slice(start, next === undefined ? bytes.length : next - 3);
    while (unit.at(-1) === 0) unit.pop();
    return unit;
  }).filter((unit) => unit.length > 0);
}

Deno.test("split: as many units as may be, and no more", () => {
  const many = Array.from({ length: MAX_NAL_UNITS }, () => new Uint8Array([5]));
  const into: Uint8Array[] = [];
  assert.equal(splitNalUnits(annexB(many), into), true);
  assert.equal(into.length, MAX_NAL_UNITS);
  assert.equal(splitNalUnits(annexB([...many, new Uint8Array([6])]), into), false);
  assert.equal(into.length, MAX_NAL_UNITS);
});

Deno.test("split: units are views, nothing is copied", () => {
  const bytes = new Uint8Array([0, 0, 1, 9, 8]);
  const into: Uint8Array[] = [];
  splitNalUnits(bytes, into);
  assert.equal(into[0]?.buffer, bytes.buffer);
});

const ESCAPED: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["nothing", [], []],
  ["nothing to do", [1, 0, 0, 4, 0], [1, 0, 0, 4, 0]],
  ["one", [0, 0, 3, 1], [0, 0, 1]],
  ["at the end", [5, 0, 0, 3], [5, 0, 0]],
  ["two in a row", [0, 0, 3, 0, 0, 3, 1], [0, 0, 0, 0, 1]],
  ["a three that stays", [0, 3, 0, 0, 3, 3], [0, 3, 0, 0, 3]],
];

for (const [name, escaped, plain] of ESCAPED) {
  Deno.test(`emulation prevention: ${name}`, () => {
    assert.deepEqual([...unescape(new Uint8Array(escaped))], plain);
  });
}

Deno.test("emulation prevention: what is written escaped is read back", () => {
  const random = randomFrom(11);
  for (let round = 0; round < 2000; round++) {
    const plain = Uint8Array.from({ length: random(30) }, () => random(5));
    assert.deepEqual([...unescape(escape(plain))], [...plain], `[${plain}], seed 11`);
  }
});
