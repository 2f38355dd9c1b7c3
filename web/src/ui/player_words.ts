/**
 * What the player says over its picture, on its badge and to a listener, for each of its states. Pure.
 *
 * @module
 */

import type { PlayerState, PlayerStats } from "../player/player_types.ts";
import { formatAgo, formatDuration, formatLatency } from "./formatters.ts";
import { sentence } from "./sentence.ts";

/** What a button in a notice does. */
export type NoticeCommand = "play" | "retry";

/** What stands over the picture. */
export interface Notice {
  readonly tone: "wait" | "warn" | "error" | "invite";
  readonly title: string;
  readonly detail?: string;
  readonly action?: { readonly label: string; readonly command: NoticeCommand };
}

/** What a notice is made from. */
export interface NoticeContext {
  /** `performance.now()`. */
  readonly nowMs: number;
  /** `performance.now()` of the last new picture; null before the first. */
  readonly lastPictureAt: number | null;
}

function join(...sentences: string[]): string {
  return sentences.filter((part) => part !== "").join(" ");
}

/** The age of the picture on the screen as a sentence; empty when there is none. */
function pictureAge({ nowMs, lastPictureAt }: NoticeContext): string {
  return lastPictureAt === null ? "" : `Last picture ${formatAgo(nowMs - lastPictureAt)}.`;
}

function nextTry(retryAt: number, nowMs: number): string {
  const waitMs = retryAt - nowMs;
  return waitMs < 1000 ? "Trying now." : `Next try in ${formatDuration(waitMs)}.`;
}

/** The notice for `state`; none while live pictures are shown. */
export function noticeFor(state: PlayerState, context: NoticeContext): Notice | undefined {
  switch (state.kind) {
    case "playing":
      return undefined;
    case "connecting":
      return { tone: "wait", title: "Connecting…" };
    case "buffering":
      return { tone: "wait", title: "Waiting for live pictures…" };
    case "suspended":
      return { tone: "wait", title: "Paused while out of sight", detail: pictureAge(context) };
    case "stalled":
      return {
        tone: "warn",
        title: `Last picture ${formatAgo(context.nowMs - (context.lastPictureAt ?? state.since))}`,
        detail: "The camera or the network has fallen silent. The picture comes back by itself.",
      };
    case "offline":
      return {
        tone: "warn",
        title: "Camera offline",
        detail: sentence(state.reason),
      };
    case "reconnecting":
      return {
        tone: "warn",
        title: "Reconnecting…",
        detail: join(
          sentence(state.reason),
          nextTry(state.retryAt, context.nowMs),
        ),
        action: { label: "Try now", command: "retry" },
      };
    case "failed":
      return {
        tone: "error",
        title: "This stream cannot be played",
        detail: sentence(state.reason),
        action: { label: "Try again", command: "retry" },
      };
    case "idle":
      return {
        tone: "invite",
        title: "Stopped",
        action: { label: "Play", command: "play" },
      };
    case "paused":
      return {
        tone: "invite",
        title: "Paused",
        action: { label: "Play live", command: "play" },
      };
    case "blocked":
      return {
        tone: "invite",
        title: "Play",
        detail: "The browser waits for a tap.",
        action: { label: "Play", command: "play" },
      };
  }
}

/** The badge in the corner: live or not, and how late. */
export interface Badge {
  readonly live: boolean;
  readonly label: string;
  /** A figure for the eye, where one is known. */
  readonly figure?: string;
  /** The whole as a sentence. */
  readonly title: string;
}

/** Later than this is not called live, whatever the transport thinks of it. */
const LIVE_WITHIN_MS = 10_000;

/** The badge for `stats` at `nowMs` (`performance.now()`). */
export function badgeFor(stats: PlayerStats, nowMs: number): Badge | undefined {
  const { state, latencyMs, lastPictureAt } = stats;
  if (state === "playing") {
    if (latencyMs === null) return { live: true, label: "Live", title: "Live" };
    const figure = formatLatency(latencyMs);
    const title = `${figure} from camera to screen`;
    return latencyMs > LIVE_WITHIN_MS
      ? { live: false, label: "Delayed", figure, title }
      : { live: true, label: "Live", figure, title };
  }
  if (lastPictureAt === null || state === "idle") return undefined;
  const figure = formatAgo(nowMs - lastPictureAt);
  return { live: false, label: "Not live", figure, title: `The picture shown is from ${figure}` };
}

/** Whether what stands on the screen must be marked as past. */
export function isStale(state: PlayerState["kind"]): boolean {
  return state === "stalled" || state === "offline" || state === "reconnecting" ||
    state === "suspended" || state === "failed";
}

/** What a listener hears when the player comes into `state`; empty where silence is better. */
export function announcementFor(state: PlayerState): string {
  switch (state.kind) {
    case "idle":
      return "Stopped.";
    case "playing":
      return "Playing live.";
    case "connecting":
      return "Connecting.";
    case "buffering":
    case "suspended":
      return "";
    case "stalled":
      return "The picture stands still. It comes back by itself.";
    case "offline":
      return `Camera offline. ${sentence(state.reason)}`;
    case "reconnecting":
      return `Reconnecting. ${sentence(state.reason)}`;
    case "paused":
      return "Paused.";
    case "blocked":
      return "The browser waits for a tap before it plays.";
    case "failed":
      return `This stream cannot be played. ${sentence(state.reason)}`;
  }
}
