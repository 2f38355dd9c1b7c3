/**
 * How unevenly media comes: the usual pace of arrivals, how far they have fallen behind it of late, and how late more
 * must be expected to come. What held up media again and again will do so once more; what did so once, such as a
 * publication that begins or a page that is opened, rather not. How often is often depends on what lateness does to those
 * who watch: see {@link Patience}. Decides nothing.
 *
 * @module
 */

import { quantile } from "./quantile.ts";

/** The usual is taken over this long, ms … */
const USUAL_MS = 4_000;
/** … from no more readings than this … */
const MAX_READINGS = 256;
/** … as what so many of a hundred readings lie below: where media comes in gusts it is just before them. */
const USUAL_SHARE = 0.1;
/** It is taken anew this often, ms. */
const USUAL_EVERY_MS = 250;
/** Less than this behind the usual is no delay, s. */
const NOTICED_S = 0.004;
/** Gusts in the same moment, ms, are one. */
const MOMENT_MS = 10_000;
/** No gust is remembered for longer, ms. */
const REMEMBERED_MS = 300_000;
/** A delay as long as this is the camera's or the network's absence, which no buffer bridges, s. */
export const ABSENCE_S = 2;

/** What must have been late before more is expected to be. */
export interface Patience {
  /** So many times … */
  readonly times: number;
  /** … within so long, ms. */
  readonly withinMs: number;
  /** Once is enough for this much, s … */
  readonly cheap: number;
  /** … for so long, ms. */
  readonly cheapForMs: number;
}

/** Where what comes late stops playing: twice within five minutes is too often, and what is cheap is insured at once. */
export const STOPS: Patience = {
  times: 2,
  withinMs: REMEMBERED_MS,
  cheap: 0.1,
  cheapForMs: 30_000,
};
/** Where a picture stands on the screen meanwhile and playing goes on, which is not worth being late for minutes. */
export const STANDS: Patience = { times: 3, withinMs: 60_000, cheap: 0, cheapForMs: 0 };

interface Reading {
  readonly at: number;
  readonly lead: number;
}

interface Gust {
  readonly at: number;
  readonly depth: number;
}

/**
 * The memory. Times are `performance.now()`. A lead is the media time that was reached just before more media
 * came, minus the clock, s: constant where media comes evenly, less when it comes late, another number on another
 * timeline.
 */
export class Gusts {
  readonly #leastReadings: number;
  readonly #readings: Reading[] = [];
  #usual: number | undefined;
  #usualAt = -Infinity;
  /** The delay under way, s: what came was so late. */
  #underWay = 0;
  #gusts: Gust[] = [];

  /** @param leastReadings before there are so many, the usual is not known. */
  constructor(leastReadings: number) {
    this.#leastReadings = leastReadings;
  }

  /** Media has come, before which the lead was `lead`. */
  arrived(lead: number, now: number): void {
    this.#delayed(lead);
    this.#readings.push({ at: now, lead });
    while (
      (this.#readings[0]?.at ?? now) < now - USUAL_MS || this.#readings.length > MAX_READINGS
    ) this.#readings.shift();
    if (now - this.#usualAt > USUAL_EVERY_MS) this.#takeUsual(now);
    if (this.#usual !== undefined && this.#usual - lead < NOTICED_S) this.#over(now);
  }

  /** What delays media now will not do so again: a page that is being set up, a group that is being decoded. */
  excuse(): void {
    this.#underWay = 0;
  }

  /** Another timeline, or another connection: the pace is measured anew, the delays are remembered. */
  begin(): void {
    this.#readings.length = 0;
    this.#usual = undefined;
    this.#usualAt = -Infinity;
    this.excuse();
  }

  /** The usual lead, s; undefined until it is known. */
  get usual(): number | undefined {
    return this.#usual;
  }

  /** How far behind the usual media must be expected to come, s. */
  expected(now: number, { times, withinMs, cheap, cheapForMs }: Patience): number {
    const again = this.#since(now - withinMs)[times - 1] ?? 0;
    const once = this.#since(now - cheapForMs)[0] ?? 0;
    const present = this.#underWay < ABSENCE_S ? this.#underWay : 0;
    return Math.max(again, Math.min(cheap, Math.max(once, present)));
  }

  /** How deep gusts have been since then, the deepest first. */
  #since(then: number): readonly number[] {
    return this.#gusts.filter(({ at }) => at > then).map(({ depth }) => depth).sort((a, b) =>
      b - a
    );
  }

  #delayed(lead: number): void {
    if (this.#usual !== undefined) this.#underWay = Math.max(this.#underWay, this.#usual - lead);
  }

  /** The pace is the usual one again. */
  #over(now: number): void {
    const depth = this.#underWay;
    this.#underWay = 0;
    if (depth < NOTICED_S || depth >= ABSENCE_S) return;
    this.#gusts = this.#gusts.filter(({ at }) => at > now - REMEMBERED_MS);
    const last = this.#gusts.at(-1);
    if (last === undefined || now - last.at > MOMENT_MS) this.#gusts.push({ at: now, depth });
    else if (depth > last.depth) this.#gusts[this.#gusts.length - 1] = { at: last.at, depth };
  }

  #takeUsual(now: number): void {
    if (this.#readings.length < this.#leastReadings) return;
    this.#usualAt = now;
    this.#usual = quantile(this.#readings.map(({ lead }) => lead), USUAL_SHARE);
  }
}
