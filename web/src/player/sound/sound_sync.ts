/**
 * How sound that is played beside the pictures stays with them: at what rate, when it jumps, and how much the
 * pictures must be held back for it. Pure.
 *
 * Sound arrives later than the picture of the same moment (a piece is only there when its last sample is, and
 * waits for the message of the next picture), so it is let trail a little: people notice sound that is late by
 * 125 ms, or early by 45 ms (ITU-R BT.1359-1). What is more than {@link MAX_LATE_S}, the pictures wait for.
 *
 * @module
 */

/** Sound may be heard this much later than its picture is seen, s. */
export const MAX_LATE_S = 0.06;
/** A change of pitch of half a per cent, nine cents, is not heard. */
export const MAX_NUDGE = 0.005;
/** Nudged so that an error would be gone after this long, s. */
const CORRECT_IN_S = 4;
/** Sound that comes later still is let trail, s: it is another camera's, or broken. */
export const MAX_NEED_S = 0.5;
/** Errors below this are left alone, s: a picture's place is not known better. */
const DEADBAND_S = 0.008;
/** A greater error deserves a jump, s; before sound has found its place, when nobody misses what is skipped, … */
const JUMP_S = 0.15;
/** … this is enough. */
const FRESH_JUMP_S = 0.025;
/** Without pictures to go by, this much more than the margin is kept ahead, s. */
const ALONE_S = 0.03;
/** The same, as a part of it, that is left alone. */
const ALONE_DEADBAND_S = 0.02;

/** Where the sound is. Times are seconds. */
export interface SoundSituation {
  /** How much later sound is heard than its picture is seen; undefined when no pictures move. */
  readonly late: number | undefined;
  /** The decoded sound that is usually ahead just before more comes. */
  readonly ahead: number;
  /** What of it must be left so that it does not run dry. */
  readonly margin: number;
  /** It has only just begun. */
  readonly fresh: boolean;
}

/** What to do. */
export type SoundMove =
  | { readonly kind: "rate"; readonly rate: number }
  /** Go on this much later in the media (earlier when below 0), s. */
  | { readonly kind: "jump"; readonly by: number };

/** The least lateness that leaves the margin, s; below 0 where the sound is there before its picture is due. */
export function leastLate({ late = 0, ahead, margin }: SoundSituation): number {
  return late - ahead + margin;
}

/** Decides. */
export function syncSound(situation: SoundSituation): SoundMove {
  const { late, ahead, margin, fresh } = situation;
  const error = late === undefined
    ? ahead - margin - ALONE_S
    : late - Math.min(MAX_LATE_S, Math.max(0, leastLate(situation)));
  if (Math.abs(error) > (fresh ? FRESH_JUMP_S : JUMP_S)) return { kind: "jump", by: error };
  const deadband = late === undefined ? ALONE_DEADBAND_S : DEADBAND_S;
  const nudge = Math.abs(error) < deadband ? 0 : error / CORRECT_IN_S;
  return { kind: "rate", rate: 1 + Math.max(-MAX_NUDGE, Math.min(MAX_NUDGE, nudge)) };
}

/**
 * How much picture must be kept ahead, s, so that sound is no later than {@link MAX_LATE_S}, from the pace of
 * arrivals alone: what is where just now moves whenever this is acted upon. `picture` and `sound` are the media time
 * usually reached just before more of it comes, minus the same clock, s; `margin` as above.
 */
export function pictureNeed(
  { picture, sound, margin }: {
    readonly picture: number;
    readonly sound: number;
    readonly margin: number;
  },
): number {
  return Math.max(0, Math.min(MAX_NEED_S, picture - (sound - margin) - MAX_LATE_S));
}
