/**
 * What the browser bench makes of its observations. Pure: pictures that were sent and pictures that were shown
 * in, latencies, drift and sync out.
 *
 * @module
 */

import { median } from "../bench.ts";
import type { Sent } from "./paced_camera.ts";
import type { Probe } from "./page_probe.ts";

/** A picture on the screen. All times are ms on this machine's clock since the Unix epoch. */
export interface Shown {
  /** Its number, counted from the first that was sent. */
  readonly index: number;
  readonly shownAt: number;
  /** From its last datagram. */
  readonly latencyMs: number;
  /** From its first datagram: how old it is. */
  readonly ageMs: number;
}

/** 90 kHz ticks of half a picture at 60 a second: nearer than this is the same picture. */
const SAME_TICKS = 750;
const HZ = 90_000;

/** A picture of which both sides are known. */
export interface Known {
  /** Its number, counted from the first that was sent. */
  readonly index: number;
  /** Its media time at the viewers, s. */
  readonly mediaS: number;
}

/**
 * Number of the picture that the relay began to have at `takenMs` (a fragment's `prft`). It need not be the first that was
 * sent: what goes out before the relay listens is lost, and a group without its key picture with it.
 */
export function sentAt(takenMs: number, sent: readonly Sent[]): number {
  let nearest = 0;
  const away = (index: number): number => Math.abs((sent[index]?.firstAt ?? Infinity) - takenMs);
  for (const index of sent.keys()) if (away(index) < away(nearest)) nearest = index;
  return nearest;
}

/** What maps a page's media times to the pictures that were sent. */
export interface Mapping {
  readonly known: Known;
  /** From the page's `performance.now()` to this machine's clock, ms. */
  readonly clockMs: number;
}

/** The pictures shown, in the order in which they were. */
export function picturesShown(
  frames: Probe["frames"],
  { sent, known, clockMs }: Mapping & { readonly sent: readonly Sent[] },
): Shown[] {
  const from = sent[known.index]?.pts ?? 0;
  const byPts = new Map(sent.map((picture, index) => [key(picture.pts - from), index]));
  const shown: Shown[] = [];
  for (const [mediaTime, displayTime] of frames) {
    const index = byPts.get(key((mediaTime - known.mediaS) * HZ));
    const picture = index === undefined ? undefined : sent[index];
    if (index === undefined || picture === undefined) continue;
    const shownAt = displayTime + clockMs;
    shown.push({
      index,
      shownAt,
      latencyMs: shownAt - picture.lastAt,
      ageMs: shownAt - picture.firstAt,
    });
  }
  return shown;
}

/** Times a few ticks apart, which come of rounding, have one key. */
function key(ticks: number): number {
  return Math.round(ticks / (2 * SAME_TICKS));
}

/**
 * How much later (ms, + is later) each beep was heard than its picture was on the screen; beeps whose picture was
 * not seen are left out. `pictures` is the number of pictures between two beeps.
 */
export function soundLate(
  beepsAt: readonly number[],
  { shown, pictures }: { readonly shown: readonly Shown[]; readonly pictures: number },
): number[] {
  const marks = shown.filter(({ index }) => index % pictures === 0).map(({ shownAt }) => shownAt);
  const late: number[] = [];
  for (const at of beepsAt) {
    const nearest = marks.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
    if (nearest !== undefined && Math.abs(nearest - at) < 1_000) late.push(at - nearest);
  }
  return late;
}

/** How long each picture stood on the screen, ms, but for the last. */
function stood(shown: readonly Shown[]): number[] {
  return shown.slice(1).map(({ shownAt }, i) => shownAt - (shown[i]?.shownAt ?? shownAt));
}

/** The longest that one picture stood on the screen, ms: what comes late and stalls nothing shows here. */
export function longest(shown: readonly Shown[]): number {
  return stood(shown).reduce((most, ms) => Math.max(most, ms), 0);
}

/** Pictures that stood longer than `ms`: a freeze, whether the browser calls it a stall or not. */
export function frozen(shown: readonly Shown[], ms: number): number {
  return stood(shown).filter((each) => each > ms).length;
}

/** How much the median of the last tenth of `values` lies above that of the first tenth. */
export function drift(values: readonly number[]): number {
  const tenth = Math.max(1, Math.floor(values.length / 10));
  return median(values.slice(-tenth)) - median(values.slice(0, tenth));
}
