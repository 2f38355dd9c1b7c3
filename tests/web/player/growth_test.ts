/** A browser's buffer that takes pictures and keeps none: when that is said, and when it is not. */

import assert from "node:assert/strict";
import { BARREN_AFTER_MS, Growth } from "../../../web/src/player/growth.ts";

const PICTURE_MS = 40;

/** Pictures that come evenly, into a buffer that ends where it is told. */
class Giving {
  readonly growth = new Growth();
  now = 1_000;

  /** Gives pictures for so long. */
  give(ms: number): void {
    for (let at = 0; at < ms; at += PICTURE_MS) {
      this.now += PICTURE_MS;
      this.growth.given(this.now);
    }
  }
}

Deno.test("a buffer that never holds anything is barren after so long, and not before", () => {
  const giving = new Giving();
  giving.give(BARREN_AFTER_MS);
  assert.equal(giving.growth.barren, false);
  giving.give(PICTURE_MS);
  assert.equal(giving.growth.barren, true);
});

Deno.test("one that held something and grows no more, the same", () => {
  const giving = new Giving();
  giving.growth.reaches(10);
  giving.give(BARREN_AFTER_MS - 1_000);
  giving.growth.reaches(10);
  giving.give(1_000 + 2 * PICTURE_MS);
  assert.equal(giving.growth.barren, true);
});

Deno.test("every change of its end begins anew: longer, shorter, emptied", () => {
  const giving = new Giving();
  for (const end of [10, 9, undefined, 9, 9.04]) {
    giving.growth.reaches(end);
    giving.give(BARREN_AFTER_MS - PICTURE_MS);
    assert.equal(giving.growth.barren, false, `${end}`);
  }
});

Deno.test("nothing is given: nothing need come of it", () => {
  const giving = new Giving();
  giving.growth.reaches(10);
  giving.give(1_000);
  giving.now += 10 * BARREN_AFTER_MS;
  giving.give(1_000);
  assert.equal(giving.growth.barren, false);
});
