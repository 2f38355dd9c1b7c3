/**
 * Reads the answer of `/api/streams` (contract §9): what is not a stream is left out, so that an older
 * or newer relay cannot break the page. Pure.
 *
 * @module
 */

import type { StreamInfo, StreamState } from "../../../shared/api.ts";

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

/** The streams of a parsed answer in its order; `undefined` when it is no such answer at all. */
export function readStreamList(answer: unknown): readonly StreamInfo[] | undefined {
  if (!isObject(answer) || !Array.isArray(answer.streams)) return undefined;
  return answer.streams.filter(isStream);
}
