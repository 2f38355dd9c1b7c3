/** How much clients may say: a burst at once, then so much a second, and nothing is owed for silence. */

import assert from "node:assert/strict";
import { Pace } from "../../../../relay/compat/live_stream_server/pace.ts";

Deno.test("a second's worth may come at once; what is more waits for as long as it takes", () => {
  const pace = new Pace();
  assert.equal(pace.take(24_000_000, 5_000), 0);
  assert.equal(pace.take(12_000_000, 5_000), 500);
  assert.equal(pace.take(12_000_000, 5_500), 500);
  assert.equal(pace.take(0, 6_000), 0);
});

Deno.test("silence is not saved up", () => {
  const pace = new Pace();
  pace.take(1, 0);
  assert.equal(pace.take(24_000_000, 60_000), 0);
  assert.equal(pace.take(2_400_000, 60_000), 100);
});

Deno.test("fifteen large pictures a second are never kept waiting", () => {
  const pace = new Pace();
  for (let i = 0; i < 600; i++) assert.equal(pace.take(1_400_000, i * 1000 / 15), 0);
});
