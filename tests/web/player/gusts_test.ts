/** What is remembered of late media, and for how long. */

import assert from "node:assert/strict";
import { ABSENCE_S, Gusts, STANDS, STOPS } from "../../../web/src/player/gusts.ts";

/** Thirty pictures a second, each a fixed time before the clock. */
class Pace {
  readonly gusts = new Gusts(15);
  now = 0;

  /** Comes evenly for so long. */
  even(seconds: number, lead = 10): void {
    for (let i = 0; i < seconds * 30; i++) {
      this.now += 1000 / 30;
      this.gusts.arrived(lead, this.now);
    }
  }

  /** Is `seconds` late once. */
  late(seconds: number): void {
    this.gusts.arrived(10 - seconds, this.now);
    this.even(0.5);
  }

  get expected(): number {
    return this.gusts.expected(this.now, STOPS);
  }

  /** The same where playing goes on. */
  get expectedStanding(): number {
    return this.gusts.expected(this.now, STANDS);
  }
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
}

Deno.test("the usual pace is known after so many arrivals, and not before", () => {
  const pace = new Pace();
  pace.even(14 / 30);
  assert.equal(pace.gusts.usual, undefined);
  pace.even(1);
  assert.equal(pace.gusts.usual, 10);
  assert.equal(pace.expected, 0);
});

Deno.test("what was late once is expected again, as long as that is cheap", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.06);
  near(pace.expected, 0.06);
  pace.even(20);
  pace.late(0.5);
  near(pace.expected, STOPS.cheap);
});

Deno.test("what was late twice is expected whatever it costs", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.5);
  pace.even(60);
  pace.late(0.4);
  near(pace.expected, 0.4);
});

Deno.test("several in one moment are one", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.3);
  pace.late(0.4);
  near(pace.expected, STOPS.cheap);
});

Deno.test("what is late now is expected again before the pace is the usual one again, and after", () => {
  const pace = new Pace();
  pace.even(5);
  pace.gusts.arrived(10 - 0.07, pace.now);
  near(pace.expected, 0.07);
  pace.even(1);
  near(pace.expected, 0.07);
});

Deno.test("an absence is no delay", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(ABSENCE_S + 0.5);
  pace.even(20);
  pace.late(ABSENCE_S + 0.5);
  assert.equal(pace.expected, 0);
});

Deno.test("what came once is forgotten after half a minute, as at the beginning of a publication", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.3);
  pace.even(STOPS.cheapForMs / 1000 - 2);
  near(pace.expected, STOPS.cheap);
  pace.even(3);
  assert.equal(pace.expected, 0);
});

Deno.test("what came twice is expected for minutes", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.06);
  pace.even(100);
  pace.late(0.08);
  pace.even(STOPS.withinMs / 1000 - 110);
  near(pace.expected, 0.06);
  pace.even(20);
  assert.equal(pace.expected, 0);
});

Deno.test("where playing goes on, late media is expected again when it came three times in a minute, as long as it does", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.3);
  pace.even(15);
  pace.late(0.2);
  assert.equal(pace.expectedStanding, 0, "twice");
  pace.even(15);
  pace.late(0.25);
  near(pace.expectedStanding, 0.2);
  pace.even(25);
  near(pace.expectedStanding, 0.2);
  pace.even(10);
  assert.equal(pace.expectedStanding, 0, "the first is long ago");
});

Deno.test("another timeline: the pace is measured anew, the delays are remembered", () => {
  const pace = new Pace();
  pace.even(5);
  pace.late(0.06);
  pace.gusts.begin();
  assert.equal(pace.gusts.usual, undefined);
  pace.even(5, 500);
  assert.equal(pace.gusts.usual, 500);
  near(pace.expected, 0.06);
});

Deno.test("clocks that drift apart are no delay", () => {
  const pace = new Pace();
  for (let second = 0; second < 600; second++) pace.even(1, 10 - second * 0.0003);
  assert.ok(pace.expected < 0.01, `${pace.expected}`);
});

Deno.test("where media comes in twos, the usual is what is left before them", () => {
  const pace = new Pace();
  for (let i = 0; i < 200; i++) {
    pace.now += 1000 / 15;
    pace.gusts.arrived(10, pace.now);
    pace.gusts.arrived(10 + 1 / 30, pace.now);
  }
  near(pace.gusts.usual ?? Number.NaN, 10);
});

Deno.test("what is excused is not expected again", () => {
  const pace = new Pace();
  pace.even(5);
  pace.gusts.arrived(10 - 0.09, pace.now);
  pace.gusts.excuse();
  pace.even(1);
  assert.equal(pace.expected, 0);
});
