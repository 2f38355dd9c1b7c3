/** When a recording's next bytes are due. */
import assert from "node:assert/strict";
import { Pacer } from "../../../relay/sources/pace.ts";
import { micros } from "../../../shared/units.ts";

/** How far ahead after each (media, clock) in milliseconds. */
function run(...moments: readonly (readonly [number, number])[]): number[] {
  const pacer = new Pacer();
  return moments.map(([media, now]) => pacer.ahead(micros(media * 1e3), micros(now * 1e3)) / 1e3);
}

Deno.test("media time is tied to the clock once: no drift", () => {
  assert.deepEqual(run([0, 5000], [40, 5000], [40, 5041], [80, 5041], [80, 5085]), [
    0,
    40,
    -1,
    39,
    -5,
  ]);
});

Deno.test("a short delay is made up, a long one is not", () => {
  assert.deepEqual(run([0, 0], [40, 900], [80, 900]), [0, -860, -820]);
  assert.deepEqual(run([0, 0], [40, 60_000], [80, 60_000]), [0, 0, 40]);
});

Deno.test("a clock that goes back or leaps is another clock", () => {
  assert.deepEqual(run([0, 0], [500, 500], [100, 510], [140, 510]), [0, 0, 0, 40]);
  assert.deepEqual(run([0, 0], [500, 500], [90_000, 510], [90_040, 510]), [0, 0, 0, 40]);
});

Deno.test("a pause in the picture is a pause", () => {
  assert.deepEqual(run([0, 0], [40, 40], [4_040, 50]), [0, 0, 3990]);
});
