/**
 * Where playback should be and how fast it should run, to stay live. Pure: what is done about it is in
 * `playback.ts`, how much buffer is aimed at in `live_target.ts`.
 *
 * The quantity steered is what is usually ahead of the position just before more media comes; how late media
 * has been of late is in the aim. A link that delivers in gusts thereby gets the buffer it needs, and a smooth one
 * does not pay for it.
 *
 * @module
 */

/** A buffered range, in seconds. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a browser, and whether sound is heard, allow. */
export interface Manners {
  /** Playback rates while playing; both 1 where the rate must not be touched. */
  readonly slowest: number;
  readonly fastest: number;
  /** Behind the aim by more than this, a jump is better than hurrying, s. */
  readonly jumpBehind: number;
  /** Least time between two jumps, ms. */
  readonly coolDownMs: number;
  /**
   * The rate is set in proportion to what is to be made good, and this is the fastest at the beginning; undefined
   * where it is one of the two above or 1.
   */
  readonly rush?: number;
}

/** Rate changes of 3 % keep pitch and are not heard; a jump is, so it takes much to deserve one. */
export const HEARD: Manners = { slowest: 0.97, fastest: 1.03, jumpBehind: 1, coolDownMs: 2_000 };
/** Without sound 8 % are not seen. */
export const SILENT: Manners = { slowest: 0.95, fastest: 1.08, jumpBehind: 0.6, coolDownMs: 1_000 };
/**
 * Pictures alone in Chromium, which drops one now and then at any rate but 1: so little is done about little. Just
 * joined, the decoder runs through what is between it and the live edge: a jump would decode that again.
 */
export const PICTURES: Manners = { ...SILENT, slowest: 0.96, fastest: 1.04, rush: 4 };
/** The same with sound played beside, which follows by half a per cent. */
export const ACCOMPANIED: Manners = { ...PICTURES, slowest: 0.98, fastest: 1.02, jumpBehind: 1 };
/** WebKit re-buffers when the rate changes (frigate PR 13143, hls.js 5527), so there only jumps are left. */
export const UNHURRIED: Manners = { slowest: 1, fastest: 1, jumpBehind: 0.45, coolDownMs: 5_000 };

/** What the decision is made from. Times are seconds of media unless they say ms. */
export interface Situation {
  /** Ascending, apart. */
  readonly ranges: readonly Range[];
  /** While a jump is under way, where it goes. */
  readonly position: number;
  readonly rate: number;
  /** What is usually ahead just before media comes; undefined while not known. */
  readonly usuallyAhead: number | undefined;
  /** Media has just been added: what is ahead is at its most. */
  readonly grew: boolean;
  /** What `usuallyAhead` is steered to. */
  readonly target: number;
  /** A jump is under way. */
  readonly seeking: boolean;
  /** The position has been about where it should be since the stream was joined. */
  readonly found: boolean;
  /** … but not for long: what it is off by may have come of the beginning. */
  readonly fresh: boolean;
  /** Playback flows at the live edge: not just joined, not just come out of a stall. */
  readonly settled: boolean;
  /** How long the position has been outside the newest range, ms; 0 while it is inside, or waits beyond it for more. */
  readonly outsideMs: number;
  /** The decoder is in an older range, which it does not leave by itself, wherever the clock is. */
  readonly stranded: boolean;
  /** The position belongs to another timeline, or to none yet. */
  readonly adrift: boolean;
  /** What the relay keeps for joiners is still coming in: the end of the buffer is not the live edge yet. */
  readonly filling: boolean;
  /** Newest place where a decoder can start; undefined when not known. */
  readonly newestKey: number | undefined;
  /** `performance.now()` and the same at the last jump; -Infinity before the first. */
  readonly nowMs: number;
  readonly jumpedMs: number;
  /** What a jump costs: the time from asking to the picture, s, by the last one. */
  readonly jumpCost: number;
  readonly manners: Manners;
}

/** What to do. */
export type Move =
  | { readonly kind: "hold" }
  | { readonly kind: "rate"; readonly rate: number }
  | { readonly kind: "jump"; readonly to: number };

/** A position this far outside a range is still taken to be in it: browsers overshoot and round, s. */
const SLOP = 0.1;
/** Until settled there is nothing to spoil: more than this behind the aim deserves a jump, s … */
const UNSETTLED_BEHIND = 0.25;
/** … or, where one may rush, than this, which is not made good in a moment, s … */
const RUSH_UP_TO = 1;
/** … and jumps may follow each other this fast, ms. */
const UNSETTLED_COOL_DOWN_MS = 250;
/** Further beyond the end of what is buffered than this is not just ahead of the next append, s. */
const LEAST_BEYOND = 1;
/** A live range that is shorter than the target grows to it within this, ms, or not at all. */
const GROWS_WITHIN_MS = 1_000;
/** Rates are changed for no less than this off the aim, as a part of the target, and until it is met. */
const DEADBAND = 0.35;
/** The same, at least, s: two pictures' worth of jitter is no reason. */
const LEAST_DEADBAND = 0.04;
/** Where the rate is set in proportion: no further behind the aim, or short of it, than this, s … */
const FINE_BEHIND = 0.014;
const FINE_SHORT = 0.006;
/** … so that it would be made good after this long, s, or after the second, at the beginning … */
const FINE_CORRECT_S = 1.5;
const RUSH_CORRECT_S = 0.2;
/** A picture lasts about so long; what is ahead just after one has arrived is by so much more than before, s. */
const PICTURE_S = 0.035;
/** … in steps of this, since the browser begins anew with its cadence at every change. */
const FINE_STEP = 0.01;
/** Found a moment ago and further behind than this, s, it still is worth rushing. */
const WORTH_RUSHING = 0.05;
/** No more ahead than this part of the target, a buffer is too thin to be left so. */
const THIN = 0.5;

/** A jump that takes longer than this takes for ever, ms. */
const MAX_SEEK_MS = 1_500;

const HOLD: Move = { kind: "hold" };

/** Decides. */
export function steer(situation: Situation): Move {
  const { ranges, position, seeking, adrift, target, nowMs, jumpedMs } = situation;
  const live = ranges.at(-1);
  if (live === undefined) return HOLD;
  const edge = Math.max(live.start, live.end - target);
  const short = situation.stranded || position < live.start - SLOP;
  const beyond = position > live.end + Math.max(LEAST_BEYOND, target);
  if (adrift && situation.filling) return HOLD;
  if (adrift || short || beyond) return returnTo(live, { situation, edge, short });
  // WebKitGTK may never end a jump: its managed source evicts the place meanwhile. Another one does.
  if (seeking) return nowMs - jumpedMs > MAX_SEEK_MS ? { kind: "jump", to: edge } : HOLD;
  const now = live.end - position;
  // What usually is ahead and is not there now has not come: media is late, or does not come at all.
  const ahead = Math.min(situation.usuallyAhead ?? now, now + PICTURE_S);
  const behind = ahead - target;
  return worthJumping(situation, { behind, edge }) || runsThin(situation, live)
    ? { kind: "jump", to: edge }
    : hurry(situation, { behind, ahead: now });
}

/** The position is not where live media is: before it, with a gap between, or beyond, or nowhere. */
function returnTo(
  live: Range,
  { situation, edge, short }: {
    readonly situation: Situation;
    readonly edge: number;
    readonly short: boolean;
  },
): Move {
  const { adrift, outsideMs, target } = situation;
  // Out of a range shorter than the target one would fall again at once; but one that does not grow is
  // all there is to be seen. Beyond the end one is for a moment whenever a group is sent again.
  const long = (adrift || short) && live.end - live.start >= target;
  return long || outsideMs > GROWS_WITHIN_MS ? { kind: "jump", to: edge } : HOLD;
}

function worthJumping(
  { found, settled, newestKey, position, nowMs, jumpedMs, jumpCost, manners }: Situation,
  { behind, edge }: { readonly behind: number; readonly edge: number },
): boolean {
  if (behind <= (settled ? manners.jumpBehind : UNSETTLED_BEHIND)) return false;
  if (nowMs - jumpedMs < (settled ? manners.coolDownMs : UNSETTLED_COOL_DOWN_MS)) return false;
  if (!found && manners.rush !== undefined && behind < RUSH_UP_TO) return false;
  // Decoding starts again at the last key picture: when that lies behind us, all the way to the edge is
  // decoded twice, and a slow device would jump for ever.
  const keyAhead = newestKey !== undefined && newestKey > position && newestKey <= edge;
  return keyAhead || behind > 2 * jumpCost;
}

/**
 * Whether playback lives from hand to mouth where it cannot slow down: a step back, by less than the
 * target, is seen once, and stalls would be seen for ever. Not when media has stopped coming.
 */
function runsThin(
  { settled, grew, position, target, nowMs, jumpedMs, manners }: Situation,
  live: Range,
): boolean {
  if (manners.slowest < 1 || !settled || !grew) return false;
  if (nowMs - jumpedMs < manners.coolDownMs) return false;
  return live.end - position < THIN * target;
}

/** `behind` the aim, usually; `ahead` at this moment. */
interface Distance {
  readonly behind: number;
  readonly ahead: number;
}

function hurry(situation: Situation, { behind, ahead }: Distance): Move {
  const { rate, target, manners } = situation;
  if (manners.rush !== undefined) return hurryFinely(situation, { behind, ahead });
  const deadband = Math.max(LEAST_DEADBAND, DEADBAND * target);
  let wanted = rate;
  if (behind > deadband) wanted = manners.fastest;
  else if (behind < -deadband) wanted = manners.slowest;
  else if ((rate > 1 && behind <= 0) || (rate < 1 && behind >= 0)) wanted = 1;
  else if (rate > manners.fastest || rate < manners.slowest) wanted = 1;
  return wanted === rate ? HOLD : { kind: "rate", rate: wanted };
}

/** The same where the rate is set in proportion. */
function hurryFinely(
  { rate, found, fresh, target, manners }: Situation,
  { behind, ahead }: Distance,
): Move {
  const { slowest, fastest, rush = fastest } = manners;
  const exact = found && !(fresh && behind > WORTH_RUSHING)
    ? Math.max(slowest, Math.min(fastest, 1 + behind / FINE_CORRECT_S))
    : Math.max(1, Math.min(rush, 1 + (ahead - target - PICTURE_S) / RUSH_CORRECT_S));
  const stepped = Math.round(exact / FINE_STEP) * FINE_STEP;
  const met = (rate > 1 && behind <= 0) || (rate < 1 && behind >= 0);
  const off = behind > FINE_BEHIND || behind < -FINE_SHORT;
  const wanted = off ? stepped : met ? 1 : Math.max(slowest, Math.min(fastest, rate));
  return Math.abs(wanted - rate) < FINE_STEP / 2 ? HOLD : { kind: "rate", rate: wanted };
}
