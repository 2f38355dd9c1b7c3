/**
 * Starting a camera's picture: the ways it has are tried until media comes. Success is judged by that alone: some
 * firmware says 500 and streams, some says 200 and does not.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import { type Answer, type Get, isSuccess } from "./camera_http.ts";
import type { StartPath } from "./dialect.ts";
import type { Flow } from "./flow.ts";
import type { SessionTimings } from "./timings.ts";

/** What a camera answers that streams already, or is in between two states. */
const CONFLICT = 409;

/** What is tried, and with what. */
export interface StartOptions {
  /** In order. */
  readonly starts: readonly StartPath[];
  readonly get: Get;
  readonly flow: Flow;
  readonly signal: AbortSignal;
  readonly timings: Pick<SessionTimings, "acceptedMs" | "refusedMs" | "conflictMs">;
}

/** What came of it: the way that worked, or what each was answered. */
export type StartOutcome =
  | { readonly kind: "flows"; readonly by: StartPath }
  | { readonly kind: "silent"; readonly answers: readonly Answer[] };

/** Tries; @throws the signal's reason when it aborts. */
export async function startPicture(options: StartOptions): Promise<StartOutcome> {
  const { starts, flow, signal, timings } = options;
  const answers: Answer[] = [];
  for (const by of starts) {
    const before = flow.silentFor();
    const answer = await ask(by, options);
    answers.push(answer);
    const came = flow.silentFor() < before ||
      await flow.next(isSuccess(answer) ? timings.acceptedMs : timings.refusedMs, signal);
    signal.throwIfAborted();
    if (came) return { kind: "flows", by };
    if (answer.kind === "failed" && answer.why !== "closed") break;
  }
  return { kind: "silent", answers };
}

/** Starts; a camera in conflict is stopped, given a moment, and asked again, unless it streams all the same. */
async function ask(
  { path, stop }: StartPath,
  { get, flow, signal, timings }: StartOptions,
): Promise<Answer> {
  const before = flow.silentFor();
  const answer = await get(path);
  if (answer.kind !== "answered" || answer.status !== CONFLICT) return answer;
  if (flow.silentFor() < before || await flow.next(timings.refusedMs, signal)) return answer;
  await get(stop);
  await sleep(timings.conflictMs, signal);
  signal.throwIfAborted();
  return await get(path);
}
