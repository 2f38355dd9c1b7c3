/** A growing list of numbers. */

import assert from "node:assert/strict";
import { U32List } from "../../../relay/recordings/u32_list.ts";

Deno.test("numbers stay as they were while the list grows", () => {
  const list = new U32List();
  for (let i = 0; i < 5000; i++) list.push(i * 7);
  assert.equal(list.length, 5000);
  for (let i = 0; i < 5000; i++) assert.equal(list.at(i), i * 7);
});

Deno.test("negative numbers keep their low 32 bits, what is not there is zero", () => {
  const list = new U32List();
  list.push(-1);
  assert.equal(list.at(0), 0xffffffff);
  assert.equal(list.at(1), 0);
});

Deno.test("only a number that is there can be replaced", () => {
  const list = new U32List();
  list.push(1);
  list.set(0, 2);
  assert.equal(list.at(0), 2);
  assert.throws(() => list.set(1, 3), RangeError);
});
