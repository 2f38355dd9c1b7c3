/**
 * Keeps this device's media going to the relay: begins a session, watches that the relay confirms what it gets, and begins
 * another when one breaks. Draws nothing.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import { publish, Refused, Unreachable, type WhipSession } from "./whip_client.ts";

/** How things stand. */
export type PublishState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  /** @property confirmedAt when the relay last said what it got, on `performance.now()`'s clock. */
  | { readonly kind: "publishing"; readonly confirmedAt: number; readonly bitsPerSecond: number }
  | { readonly kind: "waiting"; readonly reason: string; readonly retryAt: number }
  /** @property isTaken somebody else publishes under that name, and could be replaced. */
  | { readonly kind: "refused"; readonly reason: string; readonly isTaken: boolean };

/** How often the browser is asked what the relay confirmed. */
const LOOK_MS = 500;
/** Connected, and nothing confirmed for so long: the relay is asked whether it still knows the session. */
const DOUBT_MS = 3_000;
/** Connected, and nothing confirmed for so long: the session is dead. */
const MAX_SILENCE_MS = 10_000;
const CONNECT_MS = 15_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

/** What is published, and where. */
export interface PublishingOptions {
  /** WHIP's address of the stream; absolute. */
  readonly url: string;
  readonly media: MediaStream;
  /** Whoever publishes under that name is replaced, once. */
  readonly replaces: boolean;
  /** Called on every change. */
  onState(state: PublishState): void;
}

/** From start to stop. */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #stop = new AbortController();
  #session: WhipSession | undefined;
  /** The last session, which the relay may still take for alive. */
  #last: WhipSession | undefined;
  #replaces: boolean;

  constructor(options: PublishingOptions) {
    this.#options = options;
    this.#replaces = options.replaces;
    void this.#run();
  }

  /** Ends it; the relay is told. */
  stop(): void {
    this.#stop.abort();
    void this.#session?.close();
    void this.#last?.close();
    this.#session = undefined;
    this.#options.onState({ kind: "idle" });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      let reason: string;
      try {
        reason = await this.#once();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused) {
          const { message: reason, isTaken } = error;
          this.#options.onState({ kind: "refused", reason, isTaken });
          return;
        }
        if (!(error instanceof Unreachable)) throw error;
        reason = error.message;
      }
      if (signal.aborted) return;
      const wait = retryDelay(failures++, Math.random());
      this.#options.onState({ kind: "waiting", reason, retryAt: performance.now() + wait });
      await sleep(wait, signal);
    }
  }

  /** One session; resolves with why it is over. */
  async #once(): Promise<string> {
    const { url, media, onState } = this.#options;
    const { signal } = this.#stop;
    onState({ kind: "connecting" });
    // The relay ends its own end of it, if it has not: the name is free then, unless somebody else has taken it since.
    if (await this.#last?.close()) this.#last = undefined;
    const address = this.#replaces ? `${url}?replace=1` : url;
    const session = await publish({ url: address, media, signal });
    if (signal.aborted) {
      void session.close();
      return "";
    }
    this.#session = session;
    this.#last = undefined;
    this.#replaces = false;
    try {
      return await this.#watch(session);
    } finally {
      if (!signal.aborted) {
        session.connection.close();
        this.#last = session;
      }
      this.#session = undefined;
    }
  }

  async #watch({ connection, isGone }: WhipSession): Promise<string> {
    const { signal } = this.#stop;
    const began = performance.now();
    let confirmedAt: number | undefined;
    let before: { bytes: number; at: number } | undefined;
    while (!signal.aborted) {
      await sleep(LOOK_MS, signal);
      if (signal.aborted) return "";
      if (connection.connectionState === "failed" || connection.connectionState === "closed") {
        return "The connection to the relay broke off.";
      }
      const found = readConfirmation(await connection.getStats());
      const now = performance.now();
      if (found.confirmedAt !== undefined) confirmedAt = found.confirmedAt;
      const seconds = before ? (now - before.at) / 1000 : 0;
      const bits = before && seconds > 0 ? 8 * (found.bytes - before.bytes) / seconds : 0;
      before = { bytes: found.bytes, at: now };
      if (confirmedAt === undefined) {
        if (now - began > CONNECT_MS) {
          return "The relay cannot be reached by WebRTC: a firewall may keep its UDP port shut.";
        }
        continue;
      }
      if (now - confirmedAt > MAX_SILENCE_MS) {
        return "The relay has not confirmed anything for 10 seconds.";
      }
      if (now - confirmedAt > DOUBT_MS && await isGone()) {
        return "The relay knows nothing of this session any more: it was started anew, or has ended it.";
      }
      this.#options.onState({ kind: "publishing", confirmedAt, bitsPerSecond: Math.max(0, bits) });
    }
    return "";
  }
}

/** What the browser knows of the relay's receiver reports, and how much it sent. */
export function readConfirmation(
  stats: Iterable<readonly [string, { readonly [key: string]: unknown }]>,
  timeOrigin = performance.timeOrigin,
): { readonly confirmedAt: number | undefined; readonly bytes: number } {
  let confirmedAt: number | undefined;
  let bytes = 0;
  for (const [, stat] of stats) {
    const { type, timestamp, bytesSent } = stat;
    if (type === "outbound-rtp" && typeof bytesSent === "number") bytes += bytesSent;
    if (type !== "remote-inbound-rtp" || typeof timestamp !== "number") continue;
    confirmedAt = Math.max(confirmedAt ?? -Infinity, timestamp - timeOrigin);
  }
  return { confirmedAt, bytes };
}

/** Doubles, up to a limit, and differs from device to device. @param random 0 to 1. */
export function retryDelay(failures: number, random: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + random / 2);
}
