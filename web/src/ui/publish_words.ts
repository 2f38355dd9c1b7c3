/**
 * How publishing stands, in words. Pure.
 *
 * @module
 */

import type { PublishState } from "../publisher/publishing.ts";
import { formatBitrate, formatDuration, formatLatency } from "./formatters.ts";
import { sentence } from "./sentence.ts";

/** A confirmation older than this is worth a word: they come about once a second. */
const LATE_MS = 3_000;

/** A word, how it is marked, and what is to be said beside it. */
export interface PublishWords {
  readonly label: string;
  readonly tone: "live" | "wait" | "off";
  readonly detail: string;
}

/**
 * @param now on the clock of `performance.now()`.
 * @param isPaused the device itself gives no picture now.
 */
export function publishWords(state: PublishState, now: number, isPaused = false): PublishWords {
  switch (state.kind) {
    case "idle":
      return { label: "Not publishing", tone: "off", detail: "" };
    case "connecting":
      return { label: "Connecting…", tone: "wait", detail: "" };
    case "publishing": {
      const ago = Math.max(0, now - state.confirmedAt);
      if (ago > LATE_MS) {
        return {
          label: "Unsure",
          tone: "wait",
          detail: `The relay last confirmed ${formatDuration(ago)} ago.`,
        };
      }
      if (isPaused) {
        return {
          label: "No picture",
          tone: "wait",
          detail:
            "This device gives no picture now: a switch of its camera, a call or another app. " +
            "It goes on by itself.",
        };
      }
      return {
        label: "Publishing",
        tone: "live",
        detail: `Confirmed by the relay ${formatLatency(ago)} ago, ${
          formatBitrate(state.bitsPerSecond)
        }.`,
      };
    }
    case "waiting": {
      const wait = Math.max(0, state.retryAt - now);
      const next = wait < 1000 ? "Trying again…" : `Trying again in ${formatDuration(wait)}.`;
      return { label: "Interrupted", tone: "wait", detail: `${sentence(state.reason)} ${next}` };
    }
    case "refused":
      return {
        label: "Refused",
        tone: "wait",
        detail: state.isTaken
          ? "Somebody publishes under this name already. Choose another name, or take their place."
          : sentence(state.reason),
      };
  }
}
