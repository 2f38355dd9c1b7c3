/** The policy for takers that fall behind: what it says of a batch, step by step. */

import assert from "node:assert/strict";
import { micros } from "../../../shared/units.ts";
import {
  backlogLimit,
  judge,
  MAX_BACKLOG_BYTES,
  MIN_BACKLOG_BYTES,
  newPace,
  STUCK_AFTER,
  type Verdict,
} from "../../../relay/hub/catch_up.ts";

const LIMIT = 800;

/** One batch: its key flag, the backlog it finds, and when. */
type Step = readonly [kind: "K" | "p", backlog: number, second: number];

const BYTES = 100;

/** The verdicts; what is sent adds to what was pushed. */
function verdicts(steps: readonly Step[], burst = 0): Verdict[] {
  const pace = newPace(burst, micros(0));
  return steps.map(([kind, backlog, second]) => {
    const verdict = judge(pace, backlog, {
      key: kind === "K",
      limit: LIMIT,
      now: micros(second * 1e6),
    });
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
