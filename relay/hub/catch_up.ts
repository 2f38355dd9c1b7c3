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
/** A taker that takes nothing at all for so long is let go. */
export const STUCK_AFTER = micros(30_000_000);

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
}

/** A taker that joins with `burst` bytes at once. */
export function newPace(burst: number, now: Micros): Pace {
  return { behind: false, allowance: burst, pushed: burst, sent: 0, progressAt: now };
}

/** Backlog in bytes that a stream of `bytesPerSecond` allows. */
export function backlogLimit(bytesPerSecond: number): number {
  const bytes = bytesPerSecond * MAX_BACKLOG_SECONDS;
  return Math.min(MAX_BACKLOG_BYTES, Math.max(MIN_BACKLOG_BYTES, bytes));
}

/** The verdict on one batch for one taker. */
export type Verdict = "send" | "skip" | "evict";

/** Judges one batch; updates `pace`. */
export function judge(
  pace: Pace,
  backlog: number,
  { key, limit, now }: { key: boolean; limit: number; now: Micros },
): Verdict {
  const sent = pace.pushed - backlog;
  if (backlog === 0 || sent > pace.sent) {
    pace.sent = sent;
    pace.progressAt = now;
  } else if (now - pace.progressAt > STUCK_AFTER) {
    return "evict";
  }
  if (backlog <= limit) pace.allowance = 0;
  if (pace.behind) {
    if (!key || backlog > limit * RESUME_PART) return "skip";
    pace.behind = false;
    return "send";
  }
  if (backlog <= limit + pace.allowance) return "send";
  pace.behind = true;
  return "skip";
}
