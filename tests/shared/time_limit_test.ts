/** A signal with a limit of time. */

import assert from "node:assert/strict";
import { withLimit } from "../../shared/time_limit.ts";

const LONG_MS = 3_600_000;

Deno.test("an abort before or after passes on, with its reason", () => {
  const controller = new AbortController();
  const early = withLimit(controller.signal, LONG_MS);
  assert.equal(early.aborted, false);
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(early.reason, reason);
  assert.equal(withLimit(controller.signal, LONG_MS).reason, reason);
});

Deno.test("the limit ends it as a time-out, and what it was made of is let go of", async () => {
  const listening = new Set<unknown>();
  const controller = new AbortController();
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener(type: string, listener: () => void, options: { signal: AbortSignal }): void {
      listening.add(listener);
      options.signal.addEventListener("abort", () => listening.delete(listener));
      add(type, listener, options);
    },
  });
  const limited = withLimit(signal, 1);
  assert.equal(listening.size, 1);
  await new Promise((resolve) => limited.addEventListener("abort", resolve));
  assert.equal(limited.reason.name, "TimeoutError");
  assert.equal(signal.aborted, false);
  assert.equal(listening.size, 0);
});
