/** What goes out after a loss: a table of pictures, gaps and verdicts. */

import assert from "node:assert/strict";
import { DamageHold, MAX_HELD_GROUP } from "../../../relay/ingest/damage.ts";

type Step = "gap" | "reset" | readonly [kind: "K" | "p", seconds: number];

/** The verdict on each picture: `+` goes out, `-` is held. */
function verdicts(steps: readonly Step[]): string {
  const hold = new DamageHold();
  let text = "";
  for (const step of steps) {
    if (step === "gap") hold.gap();
    else if (step === "reset") hold.reset();
    else text += hold.passes(step[0] === "K", step[1] * 90_000) ? "+" : "-";
  }
  return text;
}

/** A group of pictures half a second apart. */
function group(from: number, pictures: number): Step[] {
  return Array.from({ length: pictures }, (_, i): Step => [i === 0 ? "K" : "p", from + i / 2]);
}

const TABLE: readonly (readonly [string, readonly Step[], string])[] = [
  ["a stream is entered at a key picture", [["p", 0], ["p", 1], ["K", 2], ["p", 3]], "--++"],
  ["a loss holds the rest of a short group", [...group(0, 2), ...group(1, 2), "gap", ["p", 2], [
    "K",
    2.5,
  ], ["p", 3]], "++++-++"],
  [
    "a loss just before a key picture holds nothing",
    [...group(0, 2), "gap", ...group(1, 2)],
    "++++",
  ],
  ["with groups of unknown length a loss holds", [["K", 0], "gap", ["p", 1], ["K", 2]], "+-+"],
  ["with long groups the smear goes out", [["K", 0], ["K", 4], ["p", 5], "gap", ["p", 6]], "++++"],
  ["exactly two seconds is short", [["K", 0], ["K", 2], "gap", ["p", 3]], "++-"],
  ["the newest group's length counts", [["K", 0], ["K", 4], ["K", 5], "gap", ["p", 5.5]], "+++-"],
  ["a reset holds whatever the length", [["K", 0], ["K", 4], "reset", ["p", 5], ["K", 6]], "++-+"],
  [
    "a reset's distance is no group",
    [["K", 0], ["K", 1], "reset", ["K", 90], "gap", ["p", 91]],
    [
      ..."+++-",
    ].join(""),
  ],
  [
    "a group with something missing may be two, and does not count",
    [["K", 0], ["K", 1], "gap", ["K", 4], "gap", ["p", 4.5]],
    "+++-",
  ],
  [
    "three in a row count, by the shortest",
    [["K", 0], "gap", ["K", 9], "gap", ["K", 13], "gap", ["K", 22], "gap", ["p", 23]],
    "+++++",
  ],
  ["two gaps hold as one", [["K", 0], "gap", "gap", ["p", 1], ["K", 2]], "+-+"],
];

for (const [name, steps, expected] of TABLE) {
  Deno.test(`damage: ${name}`, () => assert.equal(verdicts(steps), expected));
}

Deno.test("damage: the bound is two seconds", () => assert.equal(MAX_HELD_GROUP, 180_000));
