/**
 * Beginning to play under the browsers' autoplay rules: with sound if that was wanted and is allowed,
 * else without, else not before a tap. Decides nothing else.
 *
 * @module
 */

/** The part of a `<video>` that is used here. */
export interface Playable {
  muted: boolean;
  play(): Promise<void>;
}

/** `silenced`: plays, but its sound had to be taken away. `interrupted`: overtaken by a new source. */
export type PlayOutcome = "playing" | "silenced" | "blocked" | "interrupted";

async function attempt(video: Playable): Promise<"playing" | "refused" | "interrupted"> {
  try {
    await video.play();
    return "playing";
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return error.name === "NotAllowedError" ? "refused" : "interrupted";
  }
}

/** Plays as well as is allowed. */
export async function playAsAllowed(video: Playable): Promise<PlayOutcome> {
  const first = await attempt(video);
  if (first !== "refused") return first;
  if (video.muted) return "blocked";
  video.muted = true;
  const second = await attempt(video);
  if (second === "playing") return "silenced";
  return second === "refused" ? "blocked" : "interrupted";
}
