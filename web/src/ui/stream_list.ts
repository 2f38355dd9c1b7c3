/**
 * Reads the answer of `/api/streams` (contract §9): what is not a stream is left out, so that an older
 * or newer relay cannot break the page. Pure.
 *
 * @module
 */

import type { StreamInfo, StreamList, StreamState } from "../../../shared/api.ts";

const KINDS: readonly string[] = [
  "starting",
  "live",
  "offline",
  "ended",
  "asleep",
] satisfies StreamState["kind"][];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isState(value: unknown): value is StreamState {
  if (!isObject(value) || typeof value.kind !== "string" || !KINDS.includes(value.kind)) {
    return false;
  }
  return value.kind !== "offline" || typeof value.reason === "string";
}

function isStream(value: unknown): value is StreamInfo {
  return isObject(value) && typeof value.name === "string" && isState(value.state) &&
    Array.isArray(value.tracks) && typeof value.viewers === "number" &&
    typeof value.bitrate === "number" && typeof value.fps === "number";
}

/** A parsed answer, its streams in their order; `undefined` when it is no such answer at all. */
export function readStreamList(answer: unknown): StreamList | undefined {
  if (!isObject(answer) || !Array.isArray(answer.streams)) return undefined;
  const streams = answer.streams.filter(isStream).map((stream) => ({
    ...stream,
    warnings: Array.isArray(stream.warnings) ? stream.warnings : [],
  }));
  return { streams, publish: answer.publish === true };
}
