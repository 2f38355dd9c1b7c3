/**
 * When an open connection counts as dead. A socket whose network has gone away may stay "open" for many
 * minutes, so silence is the only sign. Pure.
 *
 * @module
 */

/** Pings leave this often, for the clock. */
export const PING_EVERY_MS = 5_000;
/** Silence of everything after which a ping is sent at once, and again as often as this. */
export const PROBE_AFTER_MS = 1_000;
/** Silence of everything, the answers to those pings included, that means the connection is dead. */
export const SILENCE_MS = 5_000;
/** The same where there is another way to the relay: a picture that stands still costs more than a connection. */
export const SWITCH_AFTER_MS = 2_000;
/** Shortest silence of the media that means the same while the camera should be there. */
export const MEDIA_SILENCE_MS = 3_000;
/** Media that has flowed this long on a connection is live: a cached group alone comes in one burst. */
export const LIVE_AFTER_MS = 1_000;

/** What has been heard on a connection; times are `performance.now()`, ms. */
export interface Heard {
  /** Anything at all; the moment of opening counts. */
  lastAt: number;
  /** First and last media; undefined before there is any. */
  firstMediaAt: number | undefined;
  lastMediaAt: number | undefined;
  /** The longest time between two key pictures of late, ms; 0 while unknown. */
  groupMs: number;
  /** The relay has said that the camera is not there, and nothing has come since. */
  offline: boolean;
}

/** Whether a ping is due at `now`, the last having left at `pingedAt`. */
export function pingDue(
  heard: Readonly<Heard>,
  { pingedAt, now }: { pingedAt: number; now: number },
): boolean {
  const everyMs = now - heard.lastAt >= PROBE_AFTER_MS ? PROBE_AFTER_MS : PING_EVERY_MS;
  return now - pingedAt >= everyMs;
}

/** Why the connection is dead at `now`, as a sentence; undefined while it is not. */
export function whyDead(
  heard: Readonly<Heard>,
  { now, silenceMs = SILENCE_MS }: { readonly now: number; readonly silenceMs?: number },
): string | undefined {
  if (now - heard.lastAt > silenceMs) return "The relay has gone silent.";
  const { firstMediaAt, lastMediaAt } = heard;
  if (heard.offline || firstMediaAt === undefined || lastMediaAt === undefined) return undefined;
  if (lastMediaAt - firstMediaAt < LIVE_AFTER_MS) return undefined;
  const patienceMs = Math.max(MEDIA_SILENCE_MS, 2 * heard.groupMs);
  return now - lastMediaAt > patienceMs ? "No pictures have come for a while." : undefined;
}
