/**
 * The one state out of the many facts: what matters most to the viewer comes first. Pure.
 *
 * @module
 */

import type { LinkState } from "./link.ts";
import type { PlayerState } from "./player_types.ts";

/** All that the state depends on. Times are `performance.now()`. */
export interface Facts {
  /** Why it cannot play here, as a sentence. */
  readonly unplayable: string | undefined;
  /** Nobody looks: nothing is received on purpose. */
  readonly suspended: boolean;
  readonly link: LinkState | undefined;
  /** The relay has said something on the connection in use. */
  readonly heard: boolean;
  readonly rebuilding:
    | { readonly attempt: number; readonly retryAt: number; readonly reason: string }
    | undefined;
  /** What the relay said of a camera that is not there. */
  readonly offline: string | undefined;
  readonly blocked: boolean;
  readonly paused: boolean;
  /** Live pictures are, or until a moment ago were, on the screen. */
  readonly live: boolean;
  readonly lastPictureAt: number | null;
  /** Usual time between two pictures, ms; 0 while unknown. */
  readonly pictureMs: number;
  /** When the stream was last joined; undefined before the first time. */
  readonly joinedAt: number | undefined;
  readonly now: number;
}

/** Without a new picture for this long, and for several times what is usual, the picture is stale. */
export const STALE_MS = 1_500;
const STALE_PICTURES = 4;
/** Joining that takes longer than this is no longer just buffering, if there is an old picture to speak of. */
export const JOIN_PATIENCE_MS = 3_000;

/** The state, between start and stop, that the facts amount to. */
export function stateFrom(facts: Facts): PlayerState {
  if (facts.unplayable !== undefined) return { kind: "failed", reason: facts.unplayable };
  if (facts.paused) return { kind: "paused" };
  if (facts.suspended) return { kind: "suspended" };
  return connectionTrouble(facts) ?? pictureState(facts);
}

function connectionTrouble({ link, heard, rebuilding }: Facts): PlayerState | undefined {
  if (link === undefined) return { kind: "connecting" };
  if (link.kind !== "open" || !heard) {
    const { after } = link;
    if (after === undefined) return { kind: "connecting" };
    const { attempt, retryAt, reason, refused } = after;
    return refused
      ? { kind: "failed", reason }
      : { kind: "reconnecting", attempt, retryAt, reason };
  }
  return rebuilding === undefined ? undefined : { kind: "reconnecting", ...rebuilding };
}

function pictureState(facts: Facts): PlayerState {
  const { offline, blocked, live, lastPictureAt, pictureMs, joinedAt, now } = facts;
  if (offline !== undefined) return { kind: "offline", reason: offline };
  if (blocked) return { kind: "blocked" };
  if (lastPictureAt === null) return { kind: "buffering" };
  const since = Math.max(lastPictureAt, live ? -Infinity : joinedAt ?? now);
  const patienceMs = live ? Math.max(STALE_MS, STALE_PICTURES * pictureMs) : JOIN_PATIENCE_MS;
  if (now - since > patienceMs) return { kind: "stalled", since: lastPictureAt };
  return { kind: live ? "playing" : "buffering" };
}
