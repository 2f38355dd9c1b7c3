/**
 * How long to wait before trying again: capped, and jittered so that a relay that comes back is not
 * met by all its viewers in the same instant. Pure.
 *
 * @module
 */

/** How delays grow. */
export interface BackOff {
  /** The longest delay of the second try, ms; doubles with every further one. */
  readonly baseMs: number;
  /** No delay is longer, ms. */
  readonly capMs: number;
  /** Whether the first try is made at once. */
  readonly firstAtOnce: boolean;
}

/** For what may mend itself any moment: a relay that restarts, a network that comes back. */
export const PROMPT: BackOff = { baseMs: 500, capMs: 5_000, firstAtOnce: true };

/** For what takes a person to mend: no such stream, no right to see it, too many viewers. */
export const PATIENT: BackOff = { baseMs: 5_000, capMs: 60_000, firstAtOnce: false };

/**
 * The delay before try number `attempt`, counted from 1, in ms: between half and all of what it has grown
 * to, by `random` in [0, 1).
 */
export function backOffMs(
  attempt: number,
  { policy, random }: { readonly policy: BackOff; readonly random: number },
): number {
  const doublings = attempt - (policy.firstAtOnce ? 2 : 1);
  if (doublings < 0) return 0;
  const grown = Math.min(policy.capMs, policy.baseMs * 2 ** doublings);
  return grown * (0.5 + random / 2);
}
