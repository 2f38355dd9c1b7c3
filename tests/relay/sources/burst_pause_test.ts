/** When a thread that waits for datagrams may sleep: never where a picture could end meanwhile. */

import assert from "node:assert/strict";
import { BurstPause } from "../../../relay/sources/burst_pause.ts";
import { type Micros, micros } from "../../../shared/units.ts";

const PICTURE = 33_333;

/** Bursts of `datagrams`, so far apart; what each made of its first datagram, and whether any other was slept behind. */
function play(
  pauses: BurstPause,
  bursts: readonly { readonly datagrams: number; readonly apart: number }[],
  from = 0,
): Micros[] {
  return bursts.map(({ datagrams, apart }, number) => {
    const began = from + number * PICTURE;
    const pause = pauses.after(micros(began));
    for (let datagram = 1; datagram < datagrams; datagram++) {
      assert.equal(pauses.after(micros(began + datagram * apart)), 0, "only behind the first");
    }
    return pause;
  });
}

function same(
  bursts: number,
  datagrams: number,
  apart: number,
): { datagrams: number; apart: number }[] {
  return Array.from({ length: bursts }, () => ({ datagrams, apart }));
}

Deno.test("it sleeps for half of the shortest burst, once it knows many", () => {
  const pauses = play(new BurstPause(), same(100, 11, 120));
  assert.deepEqual(new Set(pauses.slice(0, 60)), new Set([0]));
  assert.deepEqual(new Set(pauses.slice(60)), new Set([600]));
});

Deno.test("a key picture among them changes nothing, a short picture at once", () => {
  const pauses = new BurstPause();
  play(pauses, same(80, 11, 120));
  const [, behindKey] = play(
    pauses,
    [{ datagrams: 80, apart: 120 }, ...same(1, 11, 120)],
    80 * PICTURE,
  );
  assert.equal(behindKey, 600);
  const [, behindShort] = play(
    pauses,
    [{ datagrams: 7, apart: 120 }, ...same(1, 11, 120)],
    82 * PICTURE,
  );
  assert.equal(behindShort, 360);
});

Deno.test("bursts that grew are slept in for longer when the last short one is two seconds old", () => {
  const pauses = new BurstPause();
  play(pauses, same(70, 7, 120));
  const later = play(pauses, same(70, 11, 120), 70 * PICTURE);
  assert.equal(later[58], 360);
  assert.equal(later[69], 600);
});

Deno.test("it sleeps for a millisecond at most, and not at all where pictures are short or come in one breath", () => {
  assert.equal(play(new BurstPause(), same(100, 100, 120))[99], 1000);
  assert.equal(play(new BurstPause(), same(100, 4, 120))[99], 0);
  assert.equal(play(new BurstPause(), same(100, 40, 11))[99], 0);
  assert.equal(play(new BurstPause(), same(100, 1, 0))[99], 0);
});

Deno.test("a stream without silences is slept in nowhere", () => {
  const pauses = new BurstPause();
  for (let datagram = 0; datagram < 2000; datagram++) {
    assert.equal(pauses.after(micros(datagram * 2000)), 0);
  }
});
