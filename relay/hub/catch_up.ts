/**
 * What to do with a taker that falls behind: pure policy over its backlog. It is never slowed to, never served
 * a torn group, and never kept for ever.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";

/** A backlog may hold so much media before a taker counts as behind. */
export const MAX_BACKLOG_SECONDS = 1;
/** …but not less than this: a few pictures of any stream … */
export const MIN_BACKLOG_BYTES = 256 * 1024;
/** … and not more, whatever the stream. */
export const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
/** A taker that is behind goes on when this part of its limit is left to send. */
const RESUME_PART = 1 / 8;
/**
 * Where a late taker's backlog is known to its end, it may hold this part of a group: skipping to the next key picture costs
 * half a group too, in the mean …
 */
const LATE_GROUP_PART = 1 / 2;
/**
 * … but these seconds at least and at most. Half of the least doubles what a WebSocket on a way that loses 5 % is left out
 * of (9 to 17 % of the pictures) and brings no viewer on a narrow way nearer to live (`deno task bench loss`).
 */
export const MIN_LATE_SECONDS = 0.5;
export const MAX_LATE_SECONDS = 4;
/** Of that much, what is left when it goes on: what was taken is told of now and then only. */
const LATE_RESUME_PART = 1 / 4;
/** A taker that takes nothing at all for so long is let go. */
export const STUCK_AFTER = micros(30_000_000);

/** A taker is late that gets what it is sent so much later than its network needs … */
export const LATE_AFTER = micros(400_000);
/**
 * … for so long without a break: one that stood still for a moment, or this program itself on a busy machine, gets all of it
 * the next moment, and is worse off when it is left out. Measured (`deno task bench loss`, p95 of latency in ms at half the
 * bit rate; groups of 1 s): after 150 ms, and 250 instead of 400 above, WebSocket 1816, WebTransport 826; after 500 ms
 * 2165 and 766; after 1 s 3087 and 960. Half a second is where patience with a busy machine costs a narrow way little.
 */
export const LATE_FOR = micros(500_000);

/** What the policy remembers of one taker. */
export interface Pace {
  behind: boolean;
  /** Bytes of the group it joined with, which may be outstanding beyond the limit until they have been sent once. */
  allowance: number;
  /** Bytes pushed so far. */
  pushed: number;
  /** Bytes that had gone out when it last took something, and when that was. */
  sent: number;
  progressAt: Micros;
  /** A byte on its way, counted as `pushed` is, and when it set out; `undefined` while none is looked after. */
  mark: number | undefined;
  markedAt: Micros;
  /** How long the last byte that was looked after took, and the least that any took: the network's own time. */
  delay: Micros;
  leastDelay: Micros;
  /** Since when it gets everything late. */
  lateSince: Micros | undefined;
}

/** A taker that joins with `burst` bytes at once. */
export function newPace(burst: number, now: Micros): Pace {
  return {
    behind: false,
    allowance: burst,
    pushed: burst,
    sent: 0,
    progressAt: now,
    mark: undefined,
    markedAt: now,
    delay: micros(0),
    leastDelay: micros(Infinity),
    lateSince: undefined,
  };
}

/** More sets out. */
export function push(pace: Pace, bytes: number, now: Micros): void {
  if (pace.mark === undefined) {
    pace.mark = pace.pushed + 1; // its first byte: a large picture on a slow way is not late for that
    pace.markedAt = now;
  }
  pace.pushed += bytes;
}

/**
 * Whether what it is sent comes to it late, as its backlog shows, which must be known to its end. To be asked at every batch.
 */
export function isLate(pace: Pace, backlog: number, now: Micros): boolean {
  if (pace.mark !== undefined && pace.pushed - backlog >= pace.mark) {
    pace.delay = micros(now - pace.markedAt);
    pace.leastDelay = micros(Math.min(pace.leastDelay, pace.delay));
    pace.mark = undefined;
  }
  if (backlog === 0) pace.delay = micros(0);
  const longest = Math.max(pace.delay, pace.mark === undefined ? 0 : now - pace.markedAt);
  if (longest - pace.leastDelay <= LATE_AFTER) pace.lateSince = undefined;
  else pace.lateSince ??= now;
  return pace.lateSince !== undefined && now - pace.lateSince >= LATE_FOR;
}

/** What it was owed is given up. */
export function giveUp(pace: Pace): void {
  pace.behind = false;
  pace.mark = undefined;
  pace.delay = micros(0);
  pace.lateSince = undefined;
}

/** Backlog in bytes that a stream of `bytesPerSecond` allows. */
export function backlogLimit(bytesPerSecond: number): number {
  const bytes = bytesPerSecond * MAX_BACKLOG_SECONDS;
  return Math.min(MAX_BACKLOG_BYTES, Math.max(MIN_BACKLOG_BYTES, bytes));
}

/** The same where it is known to its end, of a taker that is late. @param group seconds */
export function lateLimit(bytesPerSecond: number, group: number): number {
  const seconds = Math.min(MAX_LATE_SECONDS, Math.max(MIN_LATE_SECONDS, group * LATE_GROUP_PART));
  return Math.min(backlogLimit(bytesPerSecond), bytesPerSecond * seconds);
}

/** The verdict on one batch for one taker. */
export type Verdict = "send" | "skip" | "evict";

/** What a batch is judged by. */
export interface Judged {
  readonly key: boolean;
  /** Bytes. */
  readonly limit: number;
  readonly lateLimit: number;
  readonly now: Micros;
}

/** Judges one batch; updates `pace`. @param late its backlog is known to its end, and it is late. */
export function judge(
  pace: Pace,
  backlog: number,
  { key, limit: usual, lateLimit, now }: Judged,
  late = false,
): Verdict {
  const limit = late ? lateLimit : usual;
  const sent = pace.pushed - backlog;
  if (backlog === 0 || sent > pace.sent) {
    pace.sent = sent;
    pace.progressAt = now;
  } else if (now - pace.progressAt > STUCK_AFTER) {
    return "evict";
  }
  if (backlog <= limit) pace.allowance = 0;
  if (pace.behind) {
    if (!key || backlog > limit * (late ? LATE_RESUME_PART : RESUME_PART)) return "skip";
    pace.behind = false;
    return "send";
  }
  if (backlog <= limit + pace.allowance) return "send";
  pace.behind = true;
  return "skip";
}
