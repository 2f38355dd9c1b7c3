/** The browser bench's readings: which picture stood on the screen, also where the first that were sent never came. */
import assert from "node:assert/strict";
import { picturesShown, sentAt } from "./readings.ts";

const STEP_MS = 33;
const SENT = Array.from({ length: 300 }, (_, i) => ({
  pts: 900_000 + i * 3000,
  firstAt: 1_000_000 + i * STEP_MS,
  lastAt: 1_000_000 + i * STEP_MS + 5,
}));

Deno.test("a viewer whose first picture is the second group's reads no group too late", () => {
  const index = sentAt((SENT[120]?.firstAt ?? 0) + 2, SENT);
  assert.equal(index, 120);
  const mediaS = 10; // what the relay calls the time of the first that it had
  const shownAt = (SENT[130]?.lastAt ?? 0) + 60;
  const shown = picturesShown([[mediaS + 10 / 30, shownAt, 1]], {
    ...{ sent: SENT, known: { index, mediaS }, clockMs: 0 },
  });
  assert.deepEqual(shown.map(({ index, latencyMs }) => [index, latencyMs]), [[130, 60]]);
});

Deno.test("a picture from before the known one is found as well", () => {
  const known = { index: 120, mediaS: 10 };
  const shown = picturesShown([[10 - 1, 2_000_000, 1]], { sent: SENT, known, clockMs: 0 });
  assert.deepEqual(shown.map(({ index }) => index), [90]);
});
