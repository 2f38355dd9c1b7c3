/** How unevenly pictures come, of many. */

import assert from "node:assert/strict";
import { Jitter } from "../../../web/src/player/jitter.ts";

const PICTURE_MS = 33;

/** Notes what `late(n)` says, s, for so many seconds from `from` on; answers when that was over. */
function come(jitter: Jitter, late: (index: number) => number, seconds: number, from = 0): number {
  let now = from;
  for (let index = 0; now < from + seconds * 1000; index++, now += PICTURE_MS) {
    jitter.note(late(index), now);
  }
  return now;
}

Deno.test("nothing is known at first, and nothing of what comes evenly or sooner", () => {
  const jitter = new Jitter();
  assert.equal(jitter.seconds, 0);
  jitter.note(0.5, 0);
  assert.equal(jitter.seconds, 0);
  const even = new Jitter();
  come(even, () => -0.01, 10);
  assert.equal(even.seconds, 0);
});

Deno.test("what every twentieth is late by is known, what happened once is not", () => {
  const often = new Jitter();
  come(often, (index) => index % 20 === 0 ? 0.03 : 0.001, 20);
  assert.equal(often.seconds, 0.03);
  const once = new Jitter();
  come(once, (index) => index > 300 && index < 340 ? (340 - index) / 33 : 0.001, 20);
  assert.equal(once.seconds, 0.001);
});

Deno.test("what is over is forgotten", () => {
  const jitter = new Jitter();
  const now = come(jitter, (index) => index % 5 === 0 ? 0.04 : 0, 30);
  assert.equal(jitter.seconds, 0.04);
  come(jitter, () => 0, 21, now);
  assert.equal(jitter.seconds, 0);
});
