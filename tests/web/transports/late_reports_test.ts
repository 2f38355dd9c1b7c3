/** What a viewer that is late tells, and when. */

import assert from "node:assert/strict";
import type { LateMessage } from "../../../shared/control.ts";
import { LATE_MS, LateReports, REPORT_MS } from "../../../web/src/transports/late_reports.ts";
import { Lateness } from "../../../web/src/transports/lateness.ts";
import { describeStream } from "../../support/batches.ts";
import { FakeTimers } from "../player/fake_timers.ts";

const EVERY_MS = 40;
const { segment, batches } = describeStream(
  Array.from({ length: 300 }, (_, i) => ({
    kind: "picture" as const,
    dts: i * 3_600,
    key: i === 0,
    arrival: i * EVERY_MS * 1000,
  })),
);

/** A viewer to which the pictures come so late, ms. */
async function reportsOf(lateMs: readonly number[]): Promise<LateMessage[]> {
  using timers = new FakeTimers();
  const sent: LateMessage[] = [];
  const stop = new AbortController();
  const reports = new LateReports((message) => void sent.push(message), stop.signal);
  const began = performance.now();
  reports.took(segment.bytes, began);
  for (const [i, late] of lateMs.entries()) {
    await timers.pass(Math.max(0, began + i * EVERY_MS + late - performance.now()));
    const batch = batches[i];
    if (batch) reports.took(batch.bytes, performance.now());
  }
  await timers.pass(10 * REPORT_MS);
  stop.abort();
  assert.equal(timers.pending, 0);
  return sent;
}

const total = (count: number): number =>
  batches.slice(0, count).reduce((sum, { bytes }) => sum + bytes.length, segment.bytes.length);

Deno.test("one in time says nothing, nor one whose way is merely long or uneven", async () => {
  assert.deepEqual(await reportsOf(Array.from({ length: 50 }, () => 30)), []);
  assert.deepEqual(await reportsOf(Array.from({ length: 50 }, () => 900)), []);
  assert.deepEqual(await reportsOf(Array.from({ length: 50 }, (_, i) => i % 2 * 200)), []);
  const stood = Array.from({ length: 60 }, (_, i) => i < 20 || i > 30 ? 0 : 40 * (31 - i));
  assert.deepEqual(await reportsOf(stood), [], "for a moment");
});

Deno.test("one that falls behind says how far, and how much has come, until it is in time again", async () => {
  const growing = Array.from({ length: 60 }, (_, i) => i * 20);
  const sent = await reportsOf([...growing, ...Array.from({ length: 40 }, () => 0)]);
  assert.ok(sent.length >= 4);
  for (const { ms } of sent.slice(0, -1)) assert.ok(ms > LATE_MS && ms <= 1_200, `${ms}`);
  assert.deepEqual(sent.at(-1)?.ms, 0);
  const bytes = sent.map((message) => message.bytes);
  assert.deepEqual(bytes, bytes.toSorted((a, b) => a - b));
});

Deno.test("the last that came is told of, so that the other side knows when nothing is left on the way", async () => {
  const sent = await reportsOf(Array.from({ length: 60 }, (_, i) => i * 30));
  assert.equal(sent.at(-1)?.bytes, total(60));
});

Deno.test("clocks that drift apart are not late", () => {
  const lateness = new Lateness();
  const drift = 1.0002;
  for (let i = 0; i < 300; i++) {
    const batch = batches[i];
    if (batch) assert.ok((lateness.arrived(batch.bytes, i * EVERY_MS * drift) ?? NaN) < 1);
  }
  lateness.reset();
  assert.equal(lateness.arrived(segment.bytes, 0), undefined, "an init segment bears no time");
});
