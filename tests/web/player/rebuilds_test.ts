/** How often a broken decoder is made anew. */

import assert from "node:assert/strict";
import { GOOD_AFTER_MS, MAX_REBUILDS, Rebuilds } from "../../../web/src/player/rebuilds.ts";

const REASON = "The browser could not decode the pictures.";

Deno.test("the first time at once, then with growing delays, then no more", () => {
  const rebuilds = new Rebuilds();
  const delays: (number | undefined)[] = [];
  for (let i = 0; i <= MAX_REBUILDS; i++) {
    const plan = rebuilds.broke(REASON, { madeAt: 1000, now: 1000, random: 1, worked: false });
    delays.push(plan && plan.retryAt - 1000);
  }
  assert.deepEqual(delays, [0, 500, 1000, 2000, 4000, 5000, undefined]);
  assert.equal(rebuilds.givenUp, true);
  assert.equal(rebuilds.total, MAX_REBUILDS);
});

Deno.test("a decoder that worked for a while is forgiven", () => {
  const rebuilds = new Rebuilds();
  for (let i = 0; i < 50; i++) {
    const now = i * (GOOD_AFTER_MS + 1);
    const plan = rebuilds.broke(REASON, {
      madeAt: now - GOOD_AFTER_MS - 1,
      now,
      random: 0,
      worked: false,
    });
    assert.equal(plan?.attempt, 1);
  }
});

Deno.test("another kind of stream begins anew", () => {
  const rebuilds = new Rebuilds();
  for (let i = 0; i <= MAX_REBUILDS; i++) {
    rebuilds.broke(REASON, { madeAt: 0, now: 0, random: 0, worked: false });
  }
  rebuilds.forgive();
  assert.equal(rebuilds.givenUp, false);
  assert.equal(rebuilds.broke(REASON, { madeAt: 0, now: 0, random: 0, worked: false })?.attempt, 1);
});

Deno.test("one that shows live pictures in between is never given up", () => {
  const rebuilds = new Rebuilds();
  for (let i = 0; i < 3 * MAX_REBUILDS; i++) {
    assert.ok(rebuilds.broke(REASON, { madeAt: 0, now: 0, random: 0, worked: true }));
  }
});
