/** Tasks that end as one. */
import assert from "node:assert/strict";
import { sleep } from "../../../shared/sleep.ts";
import { together } from "../../../relay/sources/together.ts";

const forever = (signal: AbortSignal): Promise<void> => sleep(3_600_000, signal);

Deno.test("an abort from outside ends all, and is no failure", async () => {
  const controller = new AbortController();
  const running = together(controller.signal, [forever, async (signal) => {
    await forever(signal);
    signal.throwIfAborted();
  }]);
  controller.abort();
  await running;
});

Deno.test("the first failure ends the others and is thrown when they have ended", async () => {
  let ended = false;
  const running = together(new AbortController().signal, [
    async (signal) => {
      await forever(signal);
      ended = true;
    },
    () => Promise.reject(new Error("broken")),
  ]);
  await assert.rejects(running, /broken/);
  assert.equal(ended, true);
});

Deno.test("a task that ends is the end of all", async () => {
  await together(new AbortController().signal, [forever, () => Promise.resolve()]);
});

Deno.test("a failure while ending is not swallowed", async () => {
  const controller = new AbortController();
  const running = together(controller.signal, [async (signal) => {
    await forever(signal);
    throw new Error("while ending");
  }]);
  controller.abort();
  await assert.rejects(running, /while ending/);
});
