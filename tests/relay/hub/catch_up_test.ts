/** The policy for takers that fall behind: what it says of a batch, step by step. */

import assert from "node:assert/strict";
import { micros } from "../../../shared/units.ts";
import {
  backlogLimit,
  giveUp,
  isLate,
  judge,
  lateLimit,
  MAX_BACKLOG_BYTES,
  MAX_LATE_SECONDS,
  MIN_BACKLOG_BYTES,
  MIN_LATE_SECONDS,
  newPace,
  push,
  STUCK_AFTER,
  type Verdict,
} from "../../../relay/hub/catch_up.ts";

const LIMIT = 800;

/** One batch: its key flag, the backlog it finds, and when. */
type Step = readonly [kind: "K" | "p", backlog: number, second: number];

const BYTES = 100;

/** The verdicts; what is sent adds to what was pushed. */
function verdicts(steps: readonly Step[], burst = 0, late = false): Verdict[] {
  const pace = newPace(burst, micros(0));
  return steps.map(([kind, backlog, second]) => {
    const verdict = judge(pace, backlog, {
      key: kind === "K",
      limit: LIMIT,
      lateLimit: LIMIT / 2,
      now: micros(second * 1e6),
    }, late);
    if (verdict === "send") pace.pushed += BYTES;
    return verdict;
  });
}

const TABLE: readonly (readonly [string, readonly Step[], readonly Verdict[], number?])[] = [
  ["one that keeps up is sent everything", [["K", 0, 0], ["p", 0, 1], ["p", 50, 2]], [
    "send",
    "send",
    "send",
  ]],
  ["the limit itself is allowed", [["p", LIMIT, 0]], ["send"]],
  ["past it nothing, up to a key picture that finds little left", [
    ["p", 801, 0],
    ["p", 10, 1],
    ["K", 101, 2],
    ["p", 0, 3],
    ["K", 100, 4],
    ["p", 200, 5],
  ], ["skip", "skip", "skip", "skip", "send", "send"]],
  ["a key picture past the limit is left out too", [["K", 801, 0]], ["skip"]],
  ["a joiner's group does not count against it", [["p", 5000, 0], ["p", 4500, 1]], [
    "send",
    "send",
  ], 5000],
  ["more than the group and the limit does", [["p", 5801, 0]], ["skip"], 5000],
  [
    "once it has caught up, the group is forgotten",
    [["p", 5000, 0], ["p", 700, 1], ["p", 900, 2]],
    [
      "send",
      "send",
      "skip",
    ],
    5000,
  ],
];

for (const [name, steps, expected, burst] of TABLE) {
  Deno.test(`catch up: ${name}`, () => assert.deepEqual(verdicts(steps, burst), expected));
}

Deno.test("catch up: one that is late and tells is held to less, and goes on a little sooner", () => {
  const steps: readonly Step[] = [["p", 401, 0], ["K", 101, 1], ["K", 100, 2], ["p", 400, 3]];
  assert.deepEqual(verdicts(steps, 0, true), ["skip", "skip", "send", "send"]);
  assert.deepEqual(verdicts(steps), ["send", "send", "send", "send"]);
});

Deno.test("catch up: a late taker's limit is half a group, within bounds, and never more than another's", () => {
  const rate = 1_000_000;
  assert.equal(lateLimit(rate, 0), rate * MIN_LATE_SECONDS);
  assert.equal(lateLimit(rate, 1.6), rate * 0.8);
  assert.equal(lateLimit(rate, 60), rate, "a second, as ever");
  assert.equal(lateLimit(10_000, 60), 10_000 * MAX_LATE_SECONDS);
  assert.equal(lateLimit(0, 1), 0);
});

/** Batches of 100 bytes every 40 ms, and what is on the way when each is asked about; whether each finds it late. */
function late(backlogs: readonly number[], everyMs = 40): boolean[] {
  const pace = newPace(0, micros(0));
  return backlogs.map((backlog, i) => {
    const now = micros(i * everyMs * 1000);
    const is = isLate(pace, backlog, now);
    push(pace, BYTES, now);
    return is;
  });
}

/** So many batches are always on the way. */
function onTheWay(batches: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => BYTES * Math.min(i, batches));
}

Deno.test("catch up: a long way is not late, however much is on it", () => {
  assert.ok(!late(onTheWay(25, 100)).includes(true), "a second there and back");
});

Deno.test("catch up: what waits longer and longer is late, and not for ever", () => {
  const growing = Array.from({ length: 60 }, (_, i) => BYTES * Math.floor(i / 2));
  const drained = onTheWay(0, 40);
  const verdicts = late([...onTheWay(1, 20), ...growing, ...drained]);
  assert.ok(!verdicts.slice(0, 30).includes(true));
  assert.equal(verdicts[79], true);
  assert.equal(verdicts.at(-1), false);
});

Deno.test("catch up: so is one that takes nothing at all", () => {
  const nothing = Array.from({ length: 30 }, (_, i) => BYTES * i);
  const verdicts = late([...onTheWay(1, 20), ...nothing.map((bytes) => BYTES + bytes)]);
  assert.equal(verdicts.at(-1), true);
});

Deno.test("catch up: one moment in which nothing moved is not late", () => {
  const verdicts = late([...onTheWay(1, 20), 900, 100, 100, 100, 100]);
  assert.ok(!verdicts.includes(true));
});

Deno.test("catch up: what was given up is not late any more", () => {
  const pace = newPace(0, micros(0));
  push(pace, BYTES, micros(0));
  const ask = (ms: number, backlog: number): boolean => isLate(pace, backlog, micros(ms * 1000));
  assert.equal(ask(40, 0), false);
  push(pace, BYTES, micros(50_000));
  assert.equal(ask(600, 100), false, "for a moment");
  assert.equal(ask(1100, 100), true);
  giveUp(pace);
  assert.equal(ask(1101, 0), false);
});

Deno.test("catch up: one that takes nothing is let go, after its time and not before", () => {
  const stuck = STUCK_AFTER / 1e6;
  assert.deepEqual(
    verdicts([["p", 0, 0], ["p", 100, 1], ["p", 200, stuck - 1], ["p", 300, stuck], [
      "p",
      400,
      stuck + 1,
    ]]),
    ["send", "send", "send", "send", "evict"],
  );
});

Deno.test("catch up: one that takes little is kept", () => {
  const stuck = STUCK_AFTER / 1e6;
  assert.deepEqual(
    verdicts(
      [["p", 900, 0], ["p", 900, stuck - 1], ["p", 899, stuck], ["p", 899, 2 * stuck - 1]],
      900,
    ),
    ["send", "send", "send", "send"],
  );
  // Behind, too: what it takes counts, not what it is sent.
  const sent = Array.from({ length: 9 }, (_, i): Step => ["p", i * BYTES, 0]);
  const late: Step[] = [["p", 850, 0], ["p", 840, stuck - 1], ["p", 840, 2 * stuck - 2]];
  assert.deepEqual(verdicts([...sent, ...late]).slice(sent.length), ["skip", "skip", "skip"]);
});

Deno.test("catch up: one with nothing to take is not stuck, however long nothing comes", () => {
  assert.deepEqual(verdicts([["p", 0, 0], ["p", 0, 9999]]), ["send", "send"]);
});

Deno.test("catch up: the limit is a second of the stream, within bounds", () => {
  assert.equal(backlogLimit(1_000_000), 1_000_000);
  assert.equal(backlogLimit(0), MIN_BACKLOG_BYTES);
  assert.equal(backlogLimit(1e9), MAX_BACKLOG_BYTES);
});
