/** Where the decoder is while a clock runs on. */

import assert from "node:assert/strict";
import { DecoderPlace } from "../../../web/src/player/decoder_place.ts";

const BEFORE = { start: 4, end: 5.867 };
const AFTER = { start: 6, end: 6.1 };

function playedTo(position: number): DecoderPlace {
  const place = new DecoderPlace();
  place.jump(5);
  assert.equal(place.isStranded([BEFORE], position), false);
  return place;
}

Deno.test("in one range it is wherever the position is, beyond the end too", () => {
  const place = playedTo(5.5);
  assert.equal(place.isStranded([BEFORE], 7), false);
  assert.equal(place.isStranded([{ start: 4, end: 7.1 }], 7), false);
});

Deno.test("a clock that runs over a gap leaves it before that, also when what it played has gone", () => {
  const place = playedTo(5.9);
  assert.equal(place.isStranded([BEFORE, AFTER], 6.05), true);
  assert.equal(place.isStranded([AFTER], 6.08), true);
  place.jump(6.09);
  assert.equal(place.isStranded([AFTER], 6.1), false);
});

Deno.test("while there is enough to play before the gap it is stranded all the same", () => {
  const place = playedTo(5.5);
  assert.equal(place.isStranded([BEFORE, AFTER], 5.6), true);
});

Deno.test("of another timeline nothing is known", () => {
  const place = playedTo(5.9);
  place.forget();
  assert.equal(place.isStranded([{ start: 1, end: 3 }], 2), false);
});
