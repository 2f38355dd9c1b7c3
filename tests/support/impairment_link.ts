/**
 * What a bad network does to one direction of a path, as `netem delay … loss …` at the sender would: each packet is
 * late by the same time, and some never come; behind a narrow link they wait for each other, and those that find the
 * queue full never come either. Knows no protocol.
 *
 * @module
 */

import { randomFrom } from "./random.ts";

/** How bad it is. */
export interface Impairment {
  readonly delayMs: number;
  /** Share of packets lost, 0 to 1; one by one, without memory. */
  readonly loss: number;
  readonly seed: number;
  /** What the link carries; as much as comes when left out. */
  readonly bytesPerSecond?: number;
}

/** A narrow link's queue holds so much time. */
const QUEUE_MS = 100;

/** Calls back when packets arrive; those that are lost never do. */
export class ImpairedPath implements Disposable {
  readonly #impairment: Impairment;
  readonly #random: (below: number) => number;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #busyUntil = 0;
  /** Packets so far. */
  sent = 0;
  lost = 0;

  constructor(impairment: Impairment) {
    this.#impairment = impairment;
    this.#random = randomFrom(impairment.seed);
  }

  /** A packet sets out; `arrive` is called when it arrives. Returns whether it will. */
  send(bytes: number, arrive: () => void): boolean {
    this.sent++;
    const queuedMs = this.#queue(bytes);
    if (queuedMs > QUEUE_MS || this.#random(1e6) < this.#impairment.loss * 1e6) {
      this.lost++;
      return false;
    }
    this.after(this.#impairment.delayMs + queuedMs, arrive);
    return true;
  }

  /** How long a packet of so many bytes waits for its end to pass the narrow link; too long, and it takes no place. */
  #queue(bytes: number): number {
    const { bytesPerSecond } = this.#impairment;
    if (bytesPerSecond === undefined) return 0;
    const now = performance.now();
    const end = Math.max(now, this.#busyUntil) + 1000 * bytes / bytesPerSecond;
    if (end - now <= QUEUE_MS) this.#busyUntil = end;
    return end - now;
  }

  /** Something that happens later, unless the path is gone by then. */
  after(ms: number, happen: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      happen();
    }, ms);
    this.#timers.add(timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
