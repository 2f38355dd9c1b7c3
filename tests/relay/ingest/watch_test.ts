/** The look at what waits in a pipeline: often enough, and never before what has come is read. */

import assert from "node:assert/strict";
import { NEVER, Watch } from "../../../relay/ingest/watch.ts";
import { type Micros, micros } from "../../../shared/units.ts";
import { until } from "../../support/relay.ts";

const PAUSE = 66_000;

/** A pipeline that waits for more since `lastData`, and takes a pause for the end. */
class Pipeline {
  lastData = this.now();
  looks = 0;
  nextLook = NEVER;
  onDue: (() => void) | undefined;
  /** Pauses that were taken for the end. */
  ends = 0;

  /** Where its clock stands still, once it does. */
  stands: Micros | undefined;

  now(): Micros {
    return this.stands ?? micros(performance.now() * 1000);
  }

  get deadline(): Micros | undefined {
    return this.ends === 0 ? micros(this.lastData + PAUSE) : undefined;
  }

  tick(now: Micros): void {
    this.looks++;
    if (this.ends === 0 && now - this.lastData >= PAUSE) this.ends++;
  }
}

/** Holds this thread up, as a busy machine does. */
function holdUp(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

Deno.test("a pause is seen; while nothing waits nothing is looked at, and then the next one is seen", async () => {
  const pipeline = new Pipeline();
  using _ = new Watch(pipeline);
  await until(() => pipeline.ends === 1, { what: "the end" });
  const { looks } = pipeline;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(pipeline.looks, looks);
  pipeline.ends = 0;
  pipeline.lastData = pipeline.now();
  pipeline.onDue?.();
  assert.equal(pipeline.nextLook, pipeline.deadline, "it knows");
  await until(() => pipeline.ends === 1, { what: "the next end" });
});

Deno.test("a thread that was held up reads what has come before it takes the time for a pause", async () => {
  const pipeline = new Pipeline();
  using _ = new Watch(pipeline);
  // Due after the watch's own look, as a replay's next piece is; both are late.
  // From then on no time goes by until it was looked at: it may be held up once more.
  setTimeout(() => pipeline.stands = pipeline.lastData = pipeline.now(), PAUSE / 1000 + 10);
  holdUp(150);
  await until(() => pipeline.looks > 1, { what: "a look" });
  assert.equal(pipeline.ends, 0);
  pipeline.stands = undefined;
  await until(() => pipeline.ends === 1, { what: "the pause that is one" });
});

Deno.test("what is due sooner than the look that was planned is looked at when it is due", async () => {
  const pipeline = new Pipeline();
  pipeline.lastData = micros(pipeline.now() + 3_600_000_000);
  using _ = new Watch(pipeline);
  assert.equal(pipeline.nextLook, pipeline.deadline);
  pipeline.lastData = pipeline.now();
  pipeline.onDue?.();
  await until(() => pipeline.ends === 1, { what: "the end" });
});

Deno.test("while what it waits for comes, it looks no more often than it might have ceased to", async () => {
  const pipeline = new Pipeline();
  using _ = new Watch(pipeline);
  const began = performance.now();
  for (let i = 0; i < 60; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    pipeline.lastData = pipeline.now();
    if ((pipeline.deadline ?? NEVER) < pipeline.nextLook) pipeline.onDue?.();
  }
  const most = (performance.now() - began) * 1000 / PAUSE;
  assert.ok(pipeline.looks <= 2 + 2 * most, `${pipeline.looks} looks`);
});

Deno.test("disposed of, it looks no more", async () => {
  const pipeline = new Pipeline();
  const watch = new Watch(pipeline);
  watch[Symbol.dispose]();
  const { looks } = pipeline;
  await new Promise((resolve) => setTimeout(resolve, PAUSE / 1000 * 2));
  assert.equal(pipeline.looks, looks);
});
