/**
 * How unevenly media comes: the usual pace of arrivals, and how far they have fallen behind it over the last
 * minutes. A link or a machine that held up media twice will do so again, so what it took is remembered for longer
 * than it takes to be forgotten by those who watch. Decides nothing.
 *
 * @module
 */

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
/** A gust is remembered for so long, ms; those in the same moment, ms, are one. */
export const REMEMBERED_MS = 300_000;
const MOMENT_MS = 10_000;
/** A delay as long as this is the camera's or the network's absence, which no buffer bridges, s. */
export const ABSENCE_S = 2;
/** A delay that came once is insured against up to this, s; what is dearer must have come twice. */
export const CHEAP_S = 0.1;

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
  /** Nothing has come for so much longer than usual, s: a delay, or a camera that has taken no picture. */
  #silence = 0;
  #gusts: Gust[] = [];

  /** @param leastReadings before there are so many, the usual is not known. */
  constructor(leastReadings: number) {
    this.#leastReadings = leastReadings;
  }

  /** Media has come, before which the lead was `lead`. */
  arrived(lead: number, now: number): void {
    this.#silence = 0;
    this.#delayed(lead);
    this.#readings.push({ at: now, lead });
    while (
      (this.#readings[0]?.at ?? now) < now - USUAL_MS || this.#readings.length > MAX_READINGS
    ) this.#readings.shift();
    if (now - this.#usualAt > USUAL_EVERY_MS) this.#takeUsual(now);
    if (this.#usual !== undefined && this.#usual - lead < NOTICED_S) this.#over(now);
  }

  /** Nothing has come, and the lead has shrunk to `lead`; whether that is a delay is known when something comes. */
  waits(lead: number): void {
    if (this.#usual !== undefined) this.#silence = Math.max(0, this.#usual - lead);
  }

  /** What delays media now will not do so again: a page that is being set up, a group that is being decoded. */
  excuse(): void {
    this.#underWay = 0;
    this.#silence = 0;
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

  /** How far media is behind the usual at this moment, s. */
  get underWay(): number {
    return Math.max(this.#underWay, this.#silence);
  }

  /** How far behind the usual media must be expected to come, s. */
  expected(now: number): number {
    this.#gusts = this.#gusts.filter(({ at }) => at > now - REMEMBERED_MS);
    const [first = 0, second = 0] = this.#gusts.map(({ depth }) => depth).sort((a, b) => b - a);
    const present = this.#underWay < ABSENCE_S ? this.#underWay : 0;
    return Math.max(second, Math.min(CHEAP_S, Math.max(first, present)));
  }

  #delayed(lead: number): void {
    if (this.#usual !== undefined) this.#underWay = Math.max(this.#underWay, this.#usual - lead);
  }

  /** The pace is the usual one again. */
  #over(now: number): void {
    const depth = this.#underWay;
    this.#underWay = 0;
    if (depth < NOTICED_S || depth >= ABSENCE_S) return;
    const last = this.#gusts.at(-1);
    if (last === undefined || now - last.at > MOMENT_MS) this.#gusts.push({ at: now, depth });
    else if (depth > last.depth) this.#gusts[this.#gusts.length - 1] = { at: last.at, depth };
  }

  #takeUsual(now: number): void {
    if (this.#readings.length < this.#leastReadings) return;
    this.#usualAt = now;
    const leads = this.#readings.map(({ lead }) => lead).sort((a, b) => a - b);
    this.#usual = leads[Math.floor(leads.length * USUAL_SHARE)];
  }
}
