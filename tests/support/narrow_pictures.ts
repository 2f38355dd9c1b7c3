/**
 * Pictures of one size, a group every half second, played to a hub at a camera's pace: for viewers on links that are too
 * narrow for them. And what such a viewer may have shown: whole groups' beginnings, each without a hole.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Hub } from "../../relay/hub/hub.ts";
import { readFragments } from "../../shared/mp4/fragment_reader.ts";
import { describeStream } from "./batches.ts";
import type { TakingReceiver } from "./taking_receiver.ts";

const RATE = 30;
/** Pictures from key picture to key picture. */
export const GROUP = 15;
const TICKS = 90_000 / RATE;
const BYTES = 6_000;
/** Bytes a second of half of it. */
export const HALF_RATE = BYTES * RATE / 2;

/** Plays so many seconds of them, and returns how many pictures they were. */
export async function playPictures(hub: Hub, seconds: number): Promise<number> {
  const count = seconds * RATE;
  const { segment, batches } = describeStream(
    Array.from({ length: count }, (_, i) => ({
      kind: "picture" as const,
      dts: i * TICKS,
      key: i % GROUP === 0,
      bytes: BYTES,
      arrival: i * 1e6 / RATE,
    })),
  );
  hub.init(segment);
  for (const batch of batches) {
    hub.publish(batch);
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
  }
  return count;
}

/** Numbers of the pictures that were handed on, in that order. */
export function numbers({ messages }: TakingReceiver): number[] {
  return messages.flatMap((bytes) =>
    [...readFragments(bytes)].map(({ tracks }) => (tracks[0]?.dts ?? 0) / TICKS)
  );
}

/** Every picture follows the one before it, or begins a group. */
export function assertClean(shown: readonly number[]): void {
  for (const [i, number] of shown.entries()) {
    const follows = i > 0 && number === (shown[i - 1] ?? 0) + 1;
    assert.ok(follows || number % GROUP === 0, `${number} follows ${shown[i - 1]}`);
  }
}

/** Whether it was told that it missed something. */
export function wasMovedOn({ said }: TakingReceiver): boolean {
  return said.some(({ type }) => type === "skip");
}
