/** A run of a source: what a worker that hangs comes to, and one that only has nothing to say; what a run leaves to the next. */
import assert from "node:assert/strict";
import { Run, type RunEnd } from "../../../relay/streams/run.ts";
import { pushSpec } from "../../../relay/sources/push.ts";

const MARKING = new URL("../../support/ring_marking_worker.ts", import.meta.url);
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

/** A mark that its worker leaves, and does not end. */
const HANGS = -1;

/** One run of a worker that leaves a mark in its ring; what it found there. */
async function mark(generation: number): Promise<number> {
  const { promise: found, resolve } = Promise.withResolvers<number>();
  const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>();
  const run = new Run({
    ...{ name: "cam", spec: pushSpec(), code: MARKING },
    ready: (run) => run.begin({ generation, end: 0 }),
    event: (event) => event.type === "note" && resolve(Number(event.sentence)),
    ended: end,
  });
  const before = await found;
  if (generation === HANGS) run.stop();
  await ended;
  return before;
}

Deno.test("a camera that fails again and again, in whichever way, does so in the same shared memory, which no collector counts", async () => {
  await mark(42);
  assert.equal(await mark(43), 42, "after one that failed in words");
  assert.equal(await mark(44), 43, "after one that broke");
  assert.equal(await mark(HANGS), 44);
  assert.equal(await mark(46), HANGS, "after one that did not end");
});
