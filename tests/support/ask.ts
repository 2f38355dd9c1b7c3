/**
 * Asks again and again until the answer is the one waited for, for tests that look at a relay from outside.
 *
 * @module
 */

import { PATIENCE_MS } from "./patience.ts";

const POLL_MS = 100;
/** Of the last answer, characters. */
const MAX_TOLD = 4_000;

/** What is waited for. */
export interface Awaited<T> {
  readonly accept: (answer: T) => boolean;
  /** In words, for when it does not come. */
  readonly what: string;
  readonly limitMs?: number;
}

/** Resolves with the first answer that is accepted. @throws after `limitMs`, with the last answer. */
export async function askUntil<T>(
  ask: () => Promise<T>,
  { accept, what, limitMs = PATIENCE_MS }: Awaited<T>,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (performance.now() > end) {
      const told = (JSON.stringify(answer) ?? "nothing").slice(0, MAX_TOLD);
      throw new Error(`Waited ${limitMs} ms for ${what}: ${told}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
