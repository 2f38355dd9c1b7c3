/** What is measured of sound beside pictures, from reports as the audio thread makes them. */

import assert from "node:assert/strict";
import { SoundPlace } from "../../../../web/src/player/sound/sound_place.ts";
import { MAX_LATE_S } from "../../../../web/src/player/sound/sound_sync.ts";

const REPORT_MS = 43;
const OUTPUT_DELAY_S = 0.02;

/** A stream whose sound comes `comesLateS` after the picture of the same moment; clocks as in a page. */
class Playing {
  readonly place = new SoundPlace();
  now = 10_000;
  /** What is on the screen and what is heard, minus the clock, s; they move at these rates. */
  picture = 90;
  sound: number;
  readonly comesTo: number;
  held = 0;

  constructor(readonly pictureUsual: number, comesLateS: number) {
    this.comesTo = pictureUsual - comesLateS;
    this.sound = this.comesTo - 0.05;
  }

  /** Plays on; `pictureRate` and `soundRate` are off by so much from 1. */
  play(
    seconds: number,
    {
      pictureOff = 0,
      soundOff = 0,
      fresh = false,
      looks = "too",
    }: {
      readonly pictureOff?: number;
      readonly soundOff?: number;
      readonly fresh?: boolean;
      readonly looks?: "too" | "not";
    } = {},
  ): void {
    for (let at = 0; at < seconds * 1000; at += REPORT_MS) {
      this.now += REPORT_MS;
      this.picture += pictureOff * REPORT_MS / 1000;
      this.sound += soundOff * REPORT_MS / 1000;
      const clock = this.now / 1000;
      this.place.pictured({ mediaTime: this.picture + clock, shownAt: this.now });
      // What is made now is heard after a delay.
      const position = this.sound + clock + OUTPUT_DELAY_S;
      const ahead = Math.max(0, this.comesTo - this.held - this.sound);
      const report = { contextTime: clock, position, ahead, rate: 1, gaps: 0, moves: 0 };
      this.place.reported(report, { heardNow: clock - OUTPUT_DELAY_S, now: this.now });
      if (fresh) this.place.excuse();
      this.place.tick(this.now, looks === "too" ? this.pictureUsual : undefined);
    }
  }
}

function near(actual: number | undefined, expected: number, within = 1e-6): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < within, `${actual}, not ${expected}`);
}

Deno.test("how late sound is heard, and what is usually left of it", () => {
  const playing = new Playing(90.05, 0.05);
  playing.play(2);
  near(playing.place.late, 0.05);
  const situation = playing.place.situation(playing.now, false);
  near(situation?.ahead, 0.05);
  near(situation?.late, 0.05);
});

Deno.test("sound that comes much later than its picture asks for as much picture ahead, and no more", () => {
  const playing = new Playing(90.05, 0.12);
  playing.play(3);
  const margin = playing.place.situation(playing.now, false)?.margin ?? Number.NaN;
  near(playing.place.need, 0.12 + margin - MAX_LATE_S);
  const soon = new Playing(90.05, 0.02);
  soon.play(3);
  assert.equal(soon.place.need, 0);
});

Deno.test("how it came while it found its place asks for nothing once it has", () => {
  for (const settles of [true, false]) {
    const playing = new Playing(90.05, 0.02);
    playing.held = 0.4;
    for (let at = 0; at < 1; at += 0.1) {
      playing.play(0.1, { fresh: true, looks: "not" });
    }
    playing.held = 0;
    if (settles) playing.place.settle();
    playing.play(1);
    assert.equal(playing.place.need > 0, !settles, `${playing.place.need}`);
  }
});

Deno.test("what it asks for does not grow while the pictures are slowed down for it", () => {
  const playing = new Playing(90.05, 0.12);
  playing.play(3);
  const before = playing.place.need;
  for (let i = 0; i < 20; i++) playing.play(1, { pictureOff: -0.02, soundOff: -0.005 });
  near(playing.place.need, before, 1e-3);
});

Deno.test("sound that was held up leaves a margin for the next time, without a gap", () => {
  const playing = new Playing(90.15, 0.05);
  playing.sound -= 0.1;
  playing.play(3);
  const before = playing.place.situation(playing.now, false)?.margin ?? Number.NaN;
  playing.held = 0.08;
  playing.play(0.1);
  playing.held = 0;
  playing.play(1);
  const after = playing.place.situation(playing.now, false)?.margin ?? Number.NaN;
  assert.ok(after > before + 0.05, `${before} s, then ${after} s`);
});

Deno.test("sound that was held up once, by however much, leaves a small margin, and that for half a minute", () => {
  const playing = new Playing(90.15, 0.05);
  const margin = (): number => playing.place.situation(playing.now, false)?.margin ?? Number.NaN;
  playing.sound -= 0.3;
  playing.play(3);
  playing.held = 0.25;
  playing.play(0.3);
  playing.held = 0;
  playing.play(20);
  assert.ok(margin() > 0.1 && margin() < 0.12, `${margin()}`);
  playing.play(40);
  assert.ok(margin() < 0.03, `${margin()}`);
});

Deno.test("what held it up when it had only just begun is excused", () => {
  for (const fresh of [true, false]) {
    const playing = new Playing(90.15, 0.05);
    playing.play(1);
    playing.held = 0.04;
    playing.play(0.04, { fresh });
    playing.held = 0;
    playing.play(1);
    const margin = playing.place.situation(playing.now, false)?.margin ?? Number.NaN;
    assert.equal(margin < 0.04, fresh, `${margin}`);
  }
});

Deno.test("without pictures that move nothing is said of lateness, and the margin is kept all the same", () => {
  const playing = new Playing(90.05, 0.05);
  playing.play(2);
  const situation = playing.place.situation(playing.now + 1_000, false);
  assert.equal(situation?.late, undefined);
  assert.ok(situation !== undefined);
});

Deno.test("stopped, it knows nothing until it has been heard again", () => {
  const playing = new Playing(90.05, 0.12);
  playing.play(3);
  playing.place.stop();
  assert.equal(playing.place.situation(playing.now, true), undefined);
  assert.equal(playing.place.late, undefined);
  assert.equal(playing.place.need, 0);
  playing.play(1);
  assert.ok(playing.place.situation(playing.now, false));
});
