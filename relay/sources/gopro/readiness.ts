/**
 * Whether a camera may be told what to do: it is done with what it was busy with, and has taken this machine for an
 * application, where it is one that wants to be woken to that. Bounded: one that never says so is asked all the same,
 * since some never do and work.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import { type Get, isSuccess } from "./camera_http.ts";
import type { Camera } from "./dialect.ts";
import type { SessionTimings } from "./timings.ts";

/** Whom to look at, and how long. */
export interface ReadinessOptions {
  readonly camera: Pick<Camera, "attends" | "statusPath">;
  readonly get: Get;
  readonly signal: AbortSignal;
  readonly timings: Pick<SessionTimings, "busyMs" | "busyPollMs" | "attendMs">;
  /** Asks for its status anew; whether it was busy then. */
  stillBusy(): Promise<boolean>;
  /** Sends what wakes it; a camera whose hardware address is not known is only looked at. */
  wake(): Promise<void>;
}

/** What was waited for in vain. */
export type NotReady = "busy" | "inattentive";

/** Waits; @throws the signal's reason when it aborts. */
export async function untilReady(options: ReadinessOptions): Promise<readonly NotReady[]> {
  const missed: NotReady[] = [];
  if (!await untilAttending(options)) missed.push("inattentive");
  if (!await untilFree(options)) missed.push("busy");
  return missed;
}

async function untilAttending(options: ReadinessOptions): Promise<boolean> {
  const { camera, get, timings, wake } = options;
  const { attends } = camera;
  if (attends === undefined) return true;
  for (let waited = 0; waited <= timings.attendMs; waited += timings.busyPollMs) {
    const answer = await get(camera.statusPath);
    if (answer.kind === "answered" && isSuccess(answer) && attends(answer.body)) return true;
    await wake();
    await rest(options);
  }
  return false;
}

async function untilFree(options: ReadinessOptions): Promise<boolean> {
  const { timings, stillBusy } = options;
  for (let waited = 0; await stillBusy(); waited += timings.busyPollMs) {
    if (waited >= timings.busyMs) return false;
    await rest(options);
  }
  return true;
}

async function rest({ signal, timings }: ReadinessOptions): Promise<void> {
  await sleep(timings.busyPollMs, signal);
  signal.throwIfAborted();
}
