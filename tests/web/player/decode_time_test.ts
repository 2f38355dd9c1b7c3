/** How long a picture takes to decode, of many. */

import assert from "node:assert/strict";
import { DecodeTime } from "../../../web/src/player/decode_time.ts";

Deno.test("the first pictures say nothing", () => {
  const time = new DecodeTime();
  assert.equal(time.seconds, 0);
  for (let i = 0; i < 10; i++) time.note(0.2);
  assert.equal(time.seconds, 0);
});

Deno.test("a key picture now and then is not what pictures take", () => {
  const time = new DecodeTime();
  for (let i = 0; i < 200; i++) time.note(i % 30 === 0 ? 0.09 : 0.01);
  assert.equal(time.seconds, 0.01);
});

Deno.test("a decoder that becomes slower, or faster, is believed within seconds", () => {
  const time = new DecodeTime();
  for (const seconds of [0.01, 0.03, 0.005]) {
    for (let i = 0; i < 64; i++) time.note(seconds);
    assert.equal(time.seconds, seconds);
  }
});
