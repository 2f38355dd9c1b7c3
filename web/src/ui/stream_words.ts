/**
 * A stream of `/api/streams` in words: its state, its facts, what changed since the last look. Pure.
 *
 * @module
 */

import type { StreamInfo, StreamState } from "../../../shared/api.ts";
import { formatBitrate, formatDuration, formatFps, formatResolution } from "./formatters.ts";
import { sentence } from "./sentence.ts";

/** How a state is marked: colour and shape, never the only carrier of its meaning. */
export type Tone = "live" | "wait" | "off" | "done";

/** A state as a short label and, where there is more to say, a sentence. */
export interface StateWords {
  readonly tone: Tone;
  readonly label: string;
  readonly detail?: string;
}

/** `state` in words, at wall-clock time `nowMs` (ms since the Unix epoch). */
export function stateWords(state: StreamState, nowMs: number): StateWords {
  switch (state.kind) {
    case "live":
      return { tone: "live", label: "Live" };
    case "starting":
      return { tone: "wait", label: "Starting", detail: "Waiting for the first picture." };
    case "asleep":
      return {
        tone: "done",
        label: "Asleep",
        detail: "Nobody watches, so this camera rests. It wakes when you open it.",
      };
    case "ended":
      return { tone: "done", label: "Ended", detail: "This source has come to its end." };
    case "offline": {
      const reason = sentence(state.reason);
      const retryInMs = state.retryAt === undefined ? NaN : Date.parse(state.retryAt) - nowMs;
      const retry = Number.isNaN(retryInMs)
        ? ""
        : retryInMs < 1000
        ? "Trying again now."
        : `Next try in ${formatDuration(retryInMs)}.`;
      return { tone: "off", label: "Offline", detail: [reason, retry].filter(Boolean).join(" ") };
    }
  }
}

/** Resolution, rate and bitrate of a stream that flows, as far as known; else nothing. */
export function streamFacts(stream: StreamInfo): string[] {
  if (stream.state.kind !== "live") return [];
  const video = stream.tracks.find((track) => track.kind === "video");
  const facts: string[] = [];
  if (video?.width && video.height) facts.push(formatResolution(video.width, video.height));
  if (video && stream.fps > 0) facts.push(formatFps(stream.fps));
  if (!video && stream.tracks.length > 0) facts.push("sound only");
  if (stream.bitrate > 0) facts.push(formatBitrate(stream.bitrate));
  return facts;
}

/** How many cameras do what, for the line under the heading: `3 live, 1 offline`. */
export function tally(streams: readonly StreamInfo[]): string {
  const kinds: StreamState["kind"][] = ["live", "starting", "asleep", "offline", "ended"];
  return kinds
    .map((kind) => ({ kind, count: streams.filter((stream) => stream.state.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind}`)
    .join(", ");
}

/** What a listener should hear when the list changes from `before` to `after`; at most one sentence each. */
export function changesInWords(
  before: readonly StreamInfo[],
  after: readonly StreamInfo[],
): string[] {
  const known = new Map(before.map((stream) => [stream.name, stream.state]));
  const sentences: string[] = [];
  for (const { name, state } of after) {
    const previous = known.get(name);
    known.delete(name);
    if (previous?.kind === state.kind) continue;
    if (previous === undefined) sentences.push(`${name} was added.`);
    else if (state.kind === "live") sentences.push(`${name} is live.`);
    else if (state.kind === "starting") sentences.push(`${name} is starting.`);
    else if (state.kind === "asleep") sentences.push(`${name} has gone to sleep.`);
    else if (state.kind === "ended") sentences.push(`${name} has ended.`);
    else sentences.push(`${name} is offline. ${sentence(state.reason)}`);
  }
  for (const name of known.keys()) sentences.push(`${name} was removed.`);
  return sentences;
}
