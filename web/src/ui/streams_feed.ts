/**
 * The list of streams, kept fresh: asks `/api/streams` every few seconds while the page is seen, backs
 * off when the relay does not answer, asks at once when the network or the viewer returns. Draws
 * nothing.
 *
 * @module
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { StreamList } from "../../../shared/api.ts";
import { type BackOff, backOffMs } from "../player/back_off.ts";
import { readStreamList } from "./stream_list.ts";

/** What is known of the streams. */
export type FeedState =
  | { readonly kind: "loading" }
  | ({ readonly kind: "fresh" } & StreamList)
  /** The list as last seen, at `seenAt`; next try at `retryAt` (both `performance.now()`). */
  | ({
    readonly kind: "lost";
    readonly reason: string;
    readonly retryAt: number;
    readonly seenAt?: number;
  } & Partial<StreamList>);

const INTERVAL_MS = 3000;
const ANSWER_WITHIN_MS = 6000;
const BACK_OFF: BackOff = { baseMs: 2000, capMs: 15_000, firstAtOnce: false };

/** An answer younger than this is shown to begin with, ms: nobody waits again for the list they come back to. */
const RECENT_MS = 15_000;

class FeedError extends Error {}

interface Answer {
  readonly list: StreamList;
  /** The relay's wall clock minus ours, ms, to a second: its times are read with it. */
  readonly clockOffsetMs: number;
}

/** The newest answer that any view of this page was given, and when. */
let newest: (Answer & { readonly at: number }) | undefined;

async function fetchStreams(signal: AbortSignal): Promise<Answer> {
  const answer = await fetch(new URL("api/streams", document.baseURI), {
    signal,
    cache: "no-store",
    headers: { accept: "application/json" },
  });
  if (!answer.ok) throw new FeedError(`The relay refused the list of cameras (${answer.status}).`);
  const relayNowMs = Date.parse(answer.headers.get("date") ?? "");
  const list = readStreamList(await answer.json());
  if (list === undefined) {
    throw new FeedError("What answered at this address is not a Rill relay.");
  }
  return { list, clockOffsetMs: Number.isNaN(relayNowMs) ? 0 : relayNowMs - Date.now() };
}

function reasonOf(error: unknown): string {
  if (error instanceof FeedError) return error.message;
  if (error instanceof SyntaxError) return "What answered at this address is not a Rill relay.";
  if (!navigator.onLine) return "This device is not connected to a network.";
  return "It may be restarting, or out of this device’s reach.";
}

/** Polls for the element it is given, from connection to disconnection, and asks it to draw. */
export class StreamsFeed implements ReactiveController {
  #state: FeedState = { kind: "loading" };
  #host: ReactiveControllerHost;
  #timer: number | undefined;
  #running: AbortController | undefined;
  #connected: AbortController | undefined;
  #failures = 0;
  #seenAt = 0;
  #clockOffsetMs = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
    if (newest === undefined || performance.now() - newest.at > RECENT_MS) return;
    this.#state = { kind: "fresh", ...newest.list };
    this.#seenAt = newest.at;
    this.#clockOffsetMs = newest.clockOffsetMs;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** The relay's wall clock now, ms since the Unix epoch. */
  get relayNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  hostConnected(): void {
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    const ask = (): void => this.#wake();
    document.addEventListener("visibilitychange", ask, { signal });
    globalThis.addEventListener("online", ask, { signal });
    globalThis.addEventListener("pageshow", ask, { signal });
    this.#wake();
  }

  hostDisconnected(): void {
    this.#connected?.abort();
    this.#rest();
  }

  /** Asks now instead of waiting. */
  retry(): void {
    this.#wake();
  }

  #rest(): void {
    this.#running?.abort();
    this.#running = undefined;
    clearTimeout(this.#timer);
  }

  #wake(): void {
    this.#rest();
    if (document.visibilityState === "visible") void this.#ask();
  }

  async #ask(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    const limit = setTimeout(() => running.abort(), ANSWER_WITHIN_MS);
    let delayMs = INTERVAL_MS;
    try {
      const answer = await fetchStreams(running.signal);
      const { list, clockOffsetMs } = answer;
      this.#failures = 0;
      this.#seenAt = performance.now();
      newest = { ...answer, at: this.#seenAt };
      this.#state = { kind: "fresh", ...list };
      this.#clockOffsetMs = clockOffsetMs;
    } catch (error) {
      if (this.#running !== running) return; // asked anew, or the element is gone
      this.#failures += 1;
      delayMs = backOffMs(this.#failures, { policy: BACK_OFF, random: Math.random() });
      const { streams, publish = false } = this.#state.kind === "loading" ? {} : this.#state;
      this.#state = {
        kind: "lost",
        reason: reasonOf(error),
        retryAt: performance.now() + delayMs,
        ...(streams === undefined ? {} : { streams, publish, seenAt: this.#seenAt }),
      };
    } finally {
      clearTimeout(limit);
    }
    if (this.#running !== running) return;
    this.#host.requestUpdate();
    this.#timer = setTimeout(() => void this.#ask(), delayMs);
  }
}
