/** The table of situations and what is to be done in them. */

import assert from "node:assert/strict";
import {
  ACCOMPANIED,
  HEARD,
  type Move,
  PICTURES,
  SILENT,
  type Situation,
  steer,
  UNHURRIED,
} from "../../../web/src/player/live_edge.ts";

/** Ten seconds buffered, 0.2 s ahead, which is the aim. */
const AT_EDGE: Situation = {
  ranges: [{ start: 100, end: 110 }],
  position: 109.8,
  rate: 1,
  usuallyAhead: 0.2,
  grew: false,
  fresh: false,
  target: 0.2,
  seeking: false,
  found: true,
  settled: true,
  stranded: false,
  outsideMs: 0,
  adrift: false,
  filling: false,
  newestKey: 109,
  nowMs: 60_000,
  jumpedMs: 0,
  jumpCost: 0.1,
  manners: HEARD,
};
const HOLD: Move = { kind: "hold" };
const TO_EDGE: Move = { kind: "jump", to: 109.8 };
const rate = (value: number): Move => ({ kind: "rate", rate: value });

const CASES: readonly (readonly [string, Partial<Situation>, Move])[] = [
  ["at the aim", {}, HOLD],
  ["nothing buffered", { ranges: [] }, HOLD],

  ["a little too much ahead is no reason to hurry", { usuallyAhead: 0.26 }, HOLD],
  ["a little too little is none to dawdle", { usuallyAhead: 0.14 }, HOLD],
  ["more ahead: hurry, unheard", { usuallyAhead: 0.3 }, rate(1.03)],
  ["more ahead, no sound: hurry more", { usuallyAhead: 0.3, manners: SILENT }, rate(1.08)],
  ["more ahead, WebKit: leave the rate alone", { usuallyAhead: 0.3, manners: UNHURRIED }, HOLD],
  ["hurrying goes on until the aim is met", { usuallyAhead: 0.21, rate: 1.03 }, HOLD],
  ["then it ends", { usuallyAhead: 0.2, rate: 1.03 }, rate(1)],
  ["too little ahead: dawdle", { usuallyAhead: 0.1 }, rate(0.97)],
  ["dawdling goes on until the aim is met", { usuallyAhead: 0.19, rate: 0.97 }, HOLD],
  ["then it ends too", { usuallyAhead: 0.2, rate: 0.97 }, rate(1)],
  ["sound comes on while hurrying: no faster than is unheard", {
    usuallyAhead: 0.3,
    rate: 1.08,
  }, rate(1.03)],
  ["sound comes on near the aim", { usuallyAhead: 0.21, rate: 1.08 }, rate(1)],
  ["not measured yet: what is ahead now", { usuallyAhead: undefined, position: 109.5 }, rate(1.03)],
  ["a small target has a dead band all the same", { target: 0.04, usuallyAhead: 0.07 }, HOLD],

  [
    "pictures alone: the rate is in proportion",
    { usuallyAhead: 0.23, manners: PICTURES },
    rate(1.02),
  ],
  ["more behind, faster, to a limit", { usuallyAhead: 0.4, manners: PICTURES }, rate(1.04)],
  ["short, slower", { usuallyAhead: 0.17, manners: PICTURES }, rate(0.98)],
  ["hardly behind is left alone", { usuallyAhead: 0.213, manners: PICTURES }, HOLD],
  ["what is under way goes on until the aim is met", {
    usuallyAhead: 0.21,
    rate: 1.02,
    manners: PICTURES,
  }, HOLD],
  ["then it ends, here too", { usuallyAhead: 0.2, rate: 1.02, manners: PICTURES }, rate(1)],
  ["a rush ends where it would be seen", {
    usuallyAhead: 0.21,
    rate: 3,
    manners: PICTURES,
  }, rate(1.04)],
  [
    "sound beside follows no faster than this",
    { usuallyAhead: 0.5, manners: ACCOMPANIED },
    rate(1.02),
  ],
  [
    "hardly anything is ahead: what is late stands on the screen, and the clock runs on, a little slower",
    {
      position: 109.99,
      manners: PICTURES,
    },
    rate(0.96),
  ],
  ["found a moment ago and far behind: still a rush", {
    fresh: true,
    usuallyAhead: 0.6,
    position: 109.365,
    manners: PICTURES,
  }, rate(3)],
  ["… and a little behind: none", {
    fresh: true,
    usuallyAhead: 0.23,
    manners: PICTURES,
  }, rate(1.02)],
  ["just come out of a stall, with a gust: no rush", {
    settled: false,
    usuallyAhead: 0.17,
    position: 109.6,
    manners: PICTURES,
  }, rate(0.98)],
  ["just joined: run to the edge", {
    found: false,
    usuallyAhead: undefined,
    settled: false,
    position: 109.365,
    manners: PICTURES,
  }, rate(3)],
  ["… but no faster than decoders do", {
    found: false,
    usuallyAhead: undefined,
    settled: false,
    position: 108.9,
    manners: PICTURES,
  }, rate(4)],
  ["… and a whole group behind, jump", {
    found: false,
    usuallyAhead: undefined,
    settled: false,
    position: 107,
    manners: PICTURES,
  }, TO_EDGE],
  ["… and never too slowly, for there is nothing to spoil", {
    found: false,
    usuallyAhead: undefined,
    settled: false,
    position: 109.95,
    manners: PICTURES,
  }, HOLD],

  ["far behind with sound: jump", { position: 108, usuallyAhead: 2 }, TO_EDGE],
  ["not so far: hurry", { position: 109, usuallyAhead: 1 }, rate(1.03)],
  ["as far without sound: jump", { position: 109, usuallyAhead: 1, manners: SILENT }, TO_EDGE],
  ["as far in WebKit: jump", { position: 109, usuallyAhead: 1, manners: UNHURRIED }, TO_EDGE],
  ["WebKit has jumped just now: wait", {
    position: 109,
    usuallyAhead: 1,
    manners: UNHURRIED,
    jumpedMs: 56_000,
  }, HOLD],
  ["jumping costs more than it gains, and no key picture lies ahead: hurry", {
    position: 108,
    usuallyAhead: 2,
    newestKey: 105,
    jumpCost: 1,
  }, rate(1.03)],
  ["jumping is dear but a key picture lies ahead: jump", {
    position: 108,
    usuallyAhead: 2,
    newestKey: 109,
    jumpCost: 5,
  }, TO_EDGE],

  ["WebKit lives from hand to mouth: a step back", {
    position: 109.95,
    usuallyAhead: 0.02,
    grew: true,
    manners: UNHURRIED,
  }, TO_EDGE],
  ["WebKit runs dry because nothing comes: leave it", {
    position: 109.95,
    usuallyAhead: 0.05,
    manners: UNHURRIED,
  }, HOLD],
  ["WebKit is a little short: leave it", {
    position: 109.89,
    usuallyAhead: 0.07,
    grew: true,
    manners: UNHURRIED,
  }, HOLD],
  ["WebKit is short just after a jump: leave it", {
    position: 109.95,
    usuallyAhead: 0.02,
    grew: true,
    manners: UNHURRIED,
    jumpedMs: 57_000,
  }, HOLD],
  ["others slow down instead", { position: 109.95, usuallyAhead: 0.05 }, rate(0.97)],

  ["unsettled, half a second behind: jump", {
    usuallyAhead: undefined,
    settled: false,
    position: 109.3,
    newestKey: 105,
  }, TO_EDGE],
  [
    "unsettled, hardly behind: hurry",
    { usuallyAhead: undefined, settled: false, position: 109.6 },
    rate(1.03),
  ],
  ["unsettled, a jump was just made", {
    usuallyAhead: undefined,
    settled: false,
    position: 109,
    jumpedMs: 59_900,
  }, rate(1.03)],

  ["a jump is under way", { seeking: true, position: 105, jumpedMs: 59_000 }, HOLD],
  ["a jump that never ends is made again", {
    seeking: true,
    position: 109,
    jumpedMs: 58_000,
  }, TO_EDGE],
  ["a jump is under way to what is not live any more", {
    seeking: true,
    ranges: [{ start: 90, end: 95 }, { start: 100, end: 110 }],
    position: 94.8,
    jumpedMs: 59_900,
  }, TO_EDGE],

  ["joined, and the group is still coming in", { position: 0, adrift: true, filling: true }, HOLD],
  ["joined: from no position to the edge", { position: 0, adrift: true }, TO_EDGE],
  ["joined, but too little is there yet", {
    position: 0,
    adrift: true,
    ranges: [{ start: 109.9, end: 110 }],
    outsideMs: 50,
  }, HOLD],
  ["joined, and what little there is does not grow", {
    position: 0,
    adrift: true,
    ranges: [{ start: 109.9, end: 110 }],
    outsideMs: 1001,
  }, { kind: "jump", to: 109.9 }],
  ["another timeline that begins far back", { position: 5000, adrift: true }, TO_EDGE],

  ["a gap: the live range is long enough", {
    ranges: [{ start: 90, end: 95 }, { start: 100, end: 110 }],
    position: 94,
  }, TO_EDGE],
  ["a gap: the live range has just begun", {
    ranges: [{ start: 90, end: 95 }, { start: 100, end: 100.1 }],
    position: 95,
    outsideMs: 100,
  }, HOLD],
  ["a gap: the live range does not grow", {
    ranges: [{ start: 90, end: 95 }, { start: 100, end: 100.1 }],
    position: 95,
    outsideMs: 1001,
  }, { kind: "jump", to: 100 }],
  ["a breath before the range is in it", { position: 99.95, usuallyAhead: 0.2 }, HOLD],

  ["the clock has run over a gap, and the decoder has not: take it along", {
    ranges: [{ start: 90, end: 100 }, { start: 100.2, end: 101 }],
    position: 100.5,
    stranded: true,
  }, { kind: "jump", to: 100.8 }],
  ["… once there is enough behind the gap", {
    ranges: [{ start: 90, end: 100 }, { start: 100.2, end: 100.3 }],
    position: 100.25,
    stranded: true,
  }, HOLD],
  ["past the end while a group is sent again: wait", { position: 112, outsideMs: 200 }, HOLD],
  ["past the end for long: back", { position: 112, outsideMs: 1500 }, TO_EDGE],
];

for (const [what, change, expected] of CASES) {
  // Where it is not said, media is as usual.
  const { usuallyAhead = 0.2 } = change;
  const situation = { ...AT_EDGE, position: 110 - usuallyAhead, ...change };
  Deno.test(what, () => assert.deepEqual(steer(situation), expected));
}
