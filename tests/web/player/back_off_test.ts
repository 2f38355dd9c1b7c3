/** How delays grow: at once, capped, jittered. */

import assert from "node:assert/strict";
import { backOffMs, PATIENT, PROMPT } from "../../../web/src/player/back_off.ts";

Deno.test("a prompt retry begins at once, then grows to its cap", () => {
  const most = [1, 2, 3, 4, 5, 6, 20].map((attempt) =>
    backOffMs(attempt, { policy: PROMPT, random: 1 })
  );
  assert.deepEqual(most, [0, 500, 1000, 2000, 4000, 5000, 5000]);
});

Deno.test("a patient retry never begins at once", () => {
  const most = [1, 2, 3, 10].map((attempt) => backOffMs(attempt, { policy: PATIENT, random: 1 }));
  assert.deepEqual(most, [5000, 10_000, 20_000, 60_000]);
});

Deno.test("jitter takes away up to half", () => {
  assert.equal(backOffMs(3, { policy: PROMPT, random: 0 }), 500);
  assert.equal(backOffMs(3, { policy: PROMPT, random: 0.5 }), 750);
});
