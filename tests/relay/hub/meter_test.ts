/** Rates over the last seconds. */

import assert from "node:assert/strict";
import { micros } from "../../../shared/units.ts";
import { Meter } from "../../../relay/hub/meter.ts";

const seconds = (value: number) => micros(Math.round(value * 1e6));

/** Feeds 1000 bytes and a picture every tenth of a second from `from` to `to`. */
function feed(meter: Meter, from: number, to: number): void {
  for (let tenth = Math.round(from * 10); tenth < Math.round(to * 10); tenth++) {
    meter.count(seconds(tenth / 10), { bytes: 1000, pictures: 1 });
  }
}

Deno.test("nothing yet is nothing", () => {
  assert.deepEqual(new Meter().rates(seconds(9)), { bytes: 0, pictures: 0 });
});

Deno.test("a steady stream has its rate from the first seconds on", () => {
  const meter = new Meter();
  feed(meter, 100, 102);
  assert.deepEqual(meter.rates(seconds(102)), { bytes: 10_000, pictures: 10 });
  feed(meter, 102, 130);
  const { bytes, pictures } = meter.rates(seconds(130));
  assert.ok(Math.abs(bytes - 10_000) <= 500 && Math.abs(pictures - 10) <= 0.5);
});

Deno.test("a stream that begins in the middle of a slot is not taken for a slower one", () => {
  const meter = new Meter();
  feed(meter, 100.4, 102.4);
  assert.deepEqual(meter.rates(seconds(102.4)), { bytes: 10_000, pictures: 10 });
});

Deno.test("the first bytes are not taken for a flood", () => {
  const meter = new Meter();
  meter.count(seconds(50.001), { bytes: 50_000, pictures: 1 });
  assert.equal(meter.rates(seconds(50.002)).bytes, 100_000);
});

Deno.test("a change is felt in full after four seconds", () => {
  const meter = new Meter();
  feed(meter, 0, 10);
  for (let i = 0; i < 40; i++) meter.count(seconds(10 + i / 10), { bytes: 5000, pictures: 0 });
  const { bytes, pictures } = meter.rates(seconds(14));
  assert.ok(Math.abs(bytes - 50_000) < 2000, `${bytes}`);
  assert.equal(pictures, 0);
});

Deno.test("silence: the rate falls and comes to nothing", () => {
  const meter = new Meter();
  feed(meter, 0, 10);
  const soon = meter.rates(seconds(12)).bytes;
  assert.ok(soon > 0 && soon < 7000, `${soon}`);
  assert.equal(meter.rates(seconds(15)).bytes, 0);
  feed(meter, 100, 102);
  assert.equal(meter.rates(seconds(102)).bytes, 10_000);
});
