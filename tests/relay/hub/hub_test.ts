/** The fan-out: who gets what, by reference, and what becomes of those who do not keep up. */

import assert from "node:assert/strict";
import { FakeTime } from "../../support/fake_time.ts";
import { MAX_BACKLOG_BYTES, MIN_BACKLOG_BYTES, STUCK_AFTER } from "../../../relay/hub/catch_up.ts";
import { MAX_GROUP_BYTES } from "../../../relay/hub/group_ring.ts";
import { Hub } from "../../../relay/hub/hub.ts";
import type { Batch } from "../../../shared/media.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { RecordingSink } from "../../support/recording_sink.ts";

/** Publishes batches `from` to `to`, every `group`-th a key. */
function publish(
  hub: Hub,
  { from = 0, to, group = 4, bytes = 100, generation = 1 }: {
    readonly from?: number;
    readonly to: number;
    readonly group?: number;
    readonly bytes?: number;
    readonly generation?: number;
  },
): void {
  for (let sequence = from; sequence < to; sequence++) {
    hub.publish(plainBatch({
      key: sequence % group === 0,
      bytes,
      generation,
      sequence,
      arrivalMs: sequence * 40,
    }));
  }
}

function started(): Hub {
  const hub = new Hub();
  hub.init(plainSegment());
  return hub;
}

function join(hub: Hub): RecordingSink & Disposable {
  const sink = new RecordingSink();
  const subscription = hub.subscribe(sink);
  return Object.assign(sink, { [Symbol.dispose]: () => subscription[Symbol.dispose]() });
}

Deno.test("all takers get the very same batches, in order", () => {
  const hub = started();
  const sinks = [join(hub), join(hub), join(hub)];
  publish(hub, { to: 6 });
  const [first] = sinks;
  assert.deepEqual(first?.story, ["init 1", "push 0 key", ...[1, 2, 3].map((n) => `push ${n}`), ...[
    "push 4 key",
    "push 5",
  ]]);
  for (const sink of sinks) {
    sink.batches.forEach((batch, i) => assert.equal(batch, first?.batches[i], "by reference"));
  }
  assert.equal(hub.takers, 3);
});

Deno.test("a joiner gets init and the whole current group at once, then what comes", () => {
  const hub = started();
  publish(hub, { to: 7 });
  const sink = join(hub);
  assert.deepEqual(sink.story, ["init 1", "push 4 key", "push 5", "push 6"]);
  publish(hub, { from: 7, to: 9 });
  assert.deepEqual(sink.story.slice(4), ["push 7", "push 8 key"]);
});

Deno.test("a joiner of a group too large to keep waits for a key picture", () => {
  const hub = started();
  hub.publish(plainBatch({ key: true, bytes: MAX_GROUP_BYTES }));
  hub.publish(plainBatch({ sequence: 1 }));
  const sink = join(hub);
  publish(hub, { from: 2, to: 4 });
  assert.deepEqual(sink.story, []);
  publish(hub, { from: 4, to: 6 });
  assert.deepEqual(sink.story, ["init 1", "push 4 key", "push 5"]);
});

Deno.test("a joiner before the first generation waits for it", () => {
  const hub = new Hub();
  const sink = join(hub);
  publish(hub, { to: 2 });
  assert.deepEqual(sink.story, []);
  hub.init(plainSegment());
  assert.deepEqual(sink.story, [], "init comes with the first batch");
  publish(hub, { to: 2 });
  assert.deepEqual(sink.story, ["init 1", "push 0 key", "push 1"]);
});

Deno.test("sound before a generation's first key picture is for those who are there", () => {
  const hub = started();
  const early = join(hub);
  hub.publish(plainBatch({ sequence: 0 }));
  const late = join(hub);
  hub.publish(plainBatch({ sequence: 1 }));
  hub.publish(plainBatch({ sequence: 2, key: true }));
  assert.deepEqual(early.story, ["init 1", "push 0", "push 1", "push 2 key"]);
  assert.deepEqual(late.story, ["init 1", "push 1", "push 2 key"]);
});

Deno.test("one that has left gets nothing more and is told nothing", () => {
  const hub = started();
  const stays = join(hub);
  const leaves = join(hub);
  publish(hub, { to: 2 });
  leaves[Symbol.dispose]();
  leaves[Symbol.dispose]();
  publish(hub, { from: 2, to: 4 });
  hub.close("over");
  assert.equal(leaves.story.at(-1), "push 1");
  assert.equal(stays.story.at(-1), "close gone");
  assert.equal(hub.takers, 0);
});

/** A taker that makes another leave whenever it is served. */
class Expelling extends RecordingSink {
  readonly #other: Disposable;

  constructor(other: Disposable) {
    super();
    this.#other = other;
  }

  override push(batch: Batch): void {
    super.push(batch);
    this.#other[Symbol.dispose]();
  }
}

Deno.test("one that leaves while another is served gets that batch no more", () => {
  const hub = started();
  const leaves = new RecordingSink();
  const leaving = new DisposableStack();
  hub.subscribe(new Expelling(leaving));
  leaving.use(hub.subscribe(leaves));
  const stays = join(hub);
  publish(hub, { to: 1 });
  assert.deepEqual(leaves.story, ["init 1"]);
  assert.deepEqual(stays.story, ["init 1", "push 0 key"]);
  assert.equal(hub.takers, 2);
});

Deno.test("many takers, and none is left out", () => {
  const hub = started();
  const sinks = Array.from({ length: 100 }, () => join(hub));
  publish(hub, { to: 3 });
  for (const { story } of sinks) {
    assert.deepEqual(story, ["init 1", "push 0 key", "push 1", "push 2"]);
  }
});

Deno.test("a slow one is dropped to the next key picture and told so, the others get everything", () => {
  const hub = started();
  const slow = join(hub);
  const steady = join(hub);
  publish(hub, { to: 2 });
  slow.backlog = 2 * MAX_BACKLOG_BYTES;
  publish(hub, { from: 2, to: 6 });
  slow.backlog = 0;
  publish(hub, { from: 6, to: 10 });
  assert.deepEqual(slow.story, [
    "init 1",
    "push 0 key",
    "push 1",
    "skipped 6",
    "push 8 key",
    "push 9",
  ]);
  const skipped = slow.calls.find((call) => call.kind === "skipped");
  assert.deepEqual(skipped?.what, { fragments: 6, ms: (8 - 2) * 40 });
  assert.equal(steady.batches.length, 10);
  assert.deepEqual(hub.stats, { skips: 1, skippedFragments: 6, evicted: 0 });
});

Deno.test("one that tells that it is late is moved on where another is not", () => {
  const hub = started();
  const silent = join(hub);
  const telling = join(hub);
  telling.tells = true;
  publish(hub, { to: 2 });
  for (const sink of [silent, telling]) sink.backlog = MIN_BACKLOG_BYTES - 1;
  publish(hub, { from: 2, to: 4 });
  telling.backlog = 0;
  publish(hub, { from: 4, to: 6 });
  assert.deepEqual(telling.story.slice(2), ["push 1", "skipped 2", "push 4 key", "push 5"]);
  assert.equal(silent.batches.length, 6);
});

/** A taker whose newest group need not wait behind what it owes. */
class ParallelSink extends RecordingSink {
  /** What {@link Sink.giveUp} answers. */
  seen = true;

  giveUp(): boolean {
    if (this.seen) {
      this.calls.push({ kind: "given up" });
      this.backlog = 0;
    }
    return this.seen;
  }
}

Deno.test("what is owed to a late one is given up for a new group, but not before it has seen the last one begin", () => {
  using time = new FakeTime();
  const hub = started();
  const sink = new ParallelSink();
  hub.subscribe(sink);
  const play = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      publish(hub, { from: at, to: at + 1 });
      time.pass(40);
    }
  };
  play(0, 4); // in time
  sink.readsNothing = true;
  play(4, 24); // not late for long enough
  assert.equal(sink.batches.length, 24);
  sink.seen = false;
  play(24, 40);
  assert.ok(!sink.story.includes("given up"));
  const pushed = sink.batches.length;
  assert.ok(pushed <= 32, "the new groups are left out, the last that it had is still owed");
  sink.seen = true;
  sink.readsNothing = false;
  play(40, 42);
  assert.deepEqual(sink.story.slice(-4), [
    "given up",
    `skipped ${40 - pushed}`,
    "push 40 key",
    "push 41",
  ]);
});

Deno.test("a slow one is not let back before it has nearly caught up", () => {
  const hub = started();
  const slow = join(hub);
  publish(hub, { to: 1 });
  slow.backlog = 2 * MAX_BACKLOG_BYTES;
  publish(hub, { from: 1, to: 2 });
  slow.backlog = 200 * 1024; // within the limit, but not nearly nothing
  publish(hub, { from: 2, to: 9 });
  assert.deepEqual(slow.story, ["init 1", "push 0 key"]);
  slow.backlog = 1000;
  publish(hub, { from: 9, to: 13 });
  assert.deepEqual(slow.story.slice(2), ["skipped 11", "push 12 key"]);
});

Deno.test("one that reads nothing is owed no more than the limit, whatever comes", () => {
  const hub = started();
  const dead = join(hub);
  dead.readsNothing = true;
  const steady = join(hub);
  publish(hub, { to: 3000, group: 30, bytes: 20_000 });
  assert.ok(dead.backlog <= MAX_BACKLOG_BYTES + 20_000, `${dead.backlog} bytes`);
  assert.equal(steady.batches.length, 3000);
});

Deno.test("a joiner that reads nothing is owed its group besides", () => {
  const hub = started();
  publish(hub, { to: 100, group: 100, bytes: 50_000 });
  const dead = new RecordingSink();
  dead.readsNothing = true;
  hub.subscribe(dead);
  assert.equal(dead.batches.length, 100);
  publish(hub, { from: 100, to: 2000, group: 100, bytes: 50_000 });
  assert.ok(dead.backlog <= 100 * 50_000 + MAX_BACKLOG_BYTES + 50_000);
});

Deno.test("a stuck one is let go with a reason, and the others stay", () => {
  using time = new FakeTime();
  const hub = started();
  const stuck = join(hub);
  stuck.readsNothing = true;
  const steady = join(hub);
  publish(hub, { to: 4 });
  time.pass(STUCK_AFTER / 1000 - 1);
  publish(hub, { from: 4, to: 5 });
  assert.equal(hub.takers, 2);
  time.pass(2);
  publish(hub, { from: 5, to: 7 });
  assert.deepEqual(stuck.story.slice(-1), ["close stuck"]);
  const [last] = stuck.calls.slice(-1);
  assert.match(last?.kind === "close" ? last.reason : "", /taken nothing for 30 s/);
  assert.equal(hub.takers, 1);
  assert.equal(hub.stats.evicted, 1);
  assert.equal(steady.batches.length, 7);
});

Deno.test("a new generation: everyone gets its init with its first batch, the old group is forgotten", () => {
  const hub = started();
  const sink = join(hub);
  publish(hub, { to: 2 });
  hub.init(plainSegment(2));
  assert.equal(hub.segment?.generation, 2);
  const late = join(hub);
  assert.deepEqual(late.story, [], "nothing of the old generation");
  publish(hub, { to: 2, generation: 2 });
  assert.deepEqual(sink.story.slice(3), ["init 2", "push 0 key", "push 1"]);
  assert.deepEqual(late.story, ["init 2", "push 0 key", "push 1"]);
});

Deno.test("a batch of another generation than that in force goes to nobody", () => {
  const hub = started();
  const sink = join(hub);
  publish(hub, { to: 1 });
  publish(hub, { from: 1, to: 2, generation: 7 });
  assert.deepEqual(sink.story, ["init 1", "push 0 key"]);
});

Deno.test("one that was behind begins anew with the generation, and is told what it missed", () => {
  const hub = started();
  const slow = join(hub);
  publish(hub, { to: 1 });
  slow.backlog = 2 * MAX_BACKLOG_BYTES;
  publish(hub, { from: 1, to: 3 });
  slow.backlog = 0;
  hub.init(plainSegment(2));
  hub.publish(plainBatch({ generation: 2 })); // the sound before the first picture
  publish(hub, { from: 4, to: 6, generation: 2 });
  assert.deepEqual(slow.story.slice(2), ["init 2", "skipped 2", "push 0", "push 4 key", "push 5"]);
});

Deno.test("skipped time is never negative, even if the clock was set back between", () => {
  const hub = started();
  const slow = join(hub);
  publish(hub, { to: 1 });
  slow.backlog = 2 * MAX_BACKLOG_BYTES;
  hub.publish(plainBatch({ sequence: 1, arrivalMs: 9_000_000 }));
  slow.backlog = 0;
  hub.publish(plainBatch({ sequence: 2, key: true, arrivalMs: 10 }));
  const skipped = slow.calls.find((call) => call.kind === "skipped");
  assert.deepEqual(skipped?.what, { fragments: 1, ms: 0 });
});

Deno.test("offline is said to all, once, and to those who come while it lasts", () => {
  const hub = started();
  const sink = join(hub);
  publish(hub, { to: 2 });
  hub.offline("no camera");
  hub.offline("no camera");
  const late = join(hub);
  assert.deepEqual(sink.story.slice(-1), ["offline"]);
  assert.deepEqual(late.story, ["offline"], "and nothing that was live is passed off as live");
  hub.offline("camera answered 500");
  assert.equal(late.story.length, 2);
  publish(hub, { from: 2, to: 5 });
  assert.deepEqual(late.story.slice(2), ["init 1", "push 4 key"]);
  assert.deepEqual(sink.story.slice(-3), ["push 2", "push 3", "push 4 key"]);
  assert.deepEqual(join(hub).story, ["init 1", "push 4 key"], "it is not offline any more");
});

Deno.test("rates: bits and pictures a second; sound is no picture", () => {
  using time = new FakeTime();
  const hub = started();
  for (let i = 0; i < 250; i++) {
    hub.publish(plainBatch({ key: i % 25 === 0, bytes: 5000, sequence: i }));
    time.pass(40);
  }
  const { bitrate, fps } = hub.rates;
  assert.ok(Math.abs(bitrate - 1_000_000) < 60_000, `${bitrate}`);
  assert.ok(Math.abs(fps - 25) < 1.5, `${fps}`);
});
