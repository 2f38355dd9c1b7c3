/** Waiting that an abort ends. */
import assert from "node:assert/strict";
import { sleep } from "../../shared/sleep.ts";

Deno.test("sleep ends by itself", async () => {
  const before = performance.now();
  await sleep(5, new AbortController().signal);
  assert.ok(performance.now() - before >= 4);
});

Deno.test("an abort wakes it, and leaves no timer", async () => {
  const controller = new AbortController();
  const sleeping = sleep(3_600_000, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(3_600_000, controller.signal);
});
