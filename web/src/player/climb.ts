/**
 * What a page on the last resort does to get off it: looks now and then whether a better way gets through by now, once it
 * is no longer remembered to have failed. Only looks; who goes over is whoever is told.
 *
 * @module
 */

import type { Candidate } from "../transports/mod.ts";
import { type Receiver, TransportError } from "../transports/transport.ts";
import { type NetworkMemory, NO_WAY_MS } from "./network_memory.ts";
import { race } from "./race.ts";

/** How often it looks, ms. */
export const LOOK_EVERY_MS = 60_000;

/** What it is made of. */
export interface ClimbOptions {
  /** The stream's page. */
  readonly url: string;
  readonly candidates: readonly Candidate[];
  readonly memory: NetworkMemory;
  /** A better way gets through. */
  readonly better: () => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const NOBODY: Receiver = { media: () => {}, control: () => {} };

/** Looks until the signal ends. */
export function climb({ url, candidates, memory, better, signal }: ClimbOptions): void {
  let looking = false;

  async function look(): Promise<void> {
    const ways = candidates.filter(({ name, lastResort }) =>
      !lastResort && !memory.remembers(name)
    );
    if (ways.length === 0 || looking) return;
    looking = true;
    try {
      const { attempt } = await race({
        ways,
        open: ({ transport }, tried) =>
          transport.open(url, { receiver: NOBODY, signal: tried.signal }),
        failed: ({ name }) => memory.failed(name, NO_WAY_MS),
        signal,
      });
      attempt.abort(new TransportError("It was only tried."));
      better();
    } catch (error) {
      if (!(error instanceof TransportError) && !signal.aborted) throw error;
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
