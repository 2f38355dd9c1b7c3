/** A run of a source: what a worker that hangs comes to, and one that only has nothing to say. */
import assert from "node:assert/strict";
import { Run, type RunEnd } from "../../../relay/streams/run.ts";
import { pushSpec } from "../../../relay/sources/push.ts";

const HANGING = new URL("../../support/hanging_worker.ts", import.meta.url);
/** Of looking after it; the worker speaks once a second. */
const OFTEN_MS = 20;
const SELDOM_MS = 1_500;

function run(options: { readonly lookMs: number; readonly code?: URL }): {
  readonly run: Run;
  readonly ended: Promise<RunEnd>;
} {
  const { promise, resolve } = Promise.withResolvers<RunEnd>();
  return {
    run: new Run({
      ...{ name: "cam", spec: pushSpec(), ...options },
      ready: (run) => run.begin({ generation: 0, end: 0 }),
      event: () => undefined,
      ended: resolve,
    }),
    ended: promise,
  };
}

Deno.test("a reader that hangs is ended, and its run has failed", async () => {
  const { ended, run: hanging } = run({ lookMs: OFTEN_MS, code: HANGING });
  assert.deepEqual(await ended, { type: "broke", message: "the camera's reader hangs" });
  await hanging.gone;
});

Deno.test("a reader whose publisher brings nothing does not hang", async () => {
  const { ended, run: quiet } = run({ lookMs: SELDOM_MS });
  await new Promise((resolve) => setTimeout(resolve, 5 * SELDOM_MS));
  quiet.stop();
  assert.equal((await ended).type, "ended");
});
