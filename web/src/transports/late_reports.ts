/**
 * What a viewer that gets its pictures late tells the relay: how late, and how much it has taken. From that the relay
 * knows what waits between the two, where neither sees into the kernels' buffers. One in time says nothing.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { LateMessage } from "../../../shared/control.ts";
import { Lateness } from "./lateness.ts";

/** A viewer says nothing as long as its pictures are no later than this, ms … */
export const LATE_MS = 250;
/**
 * … or have not been for so long without a break, ms: after a moment of standing still all is there the next. As long as
 * the relay waits by itself, and for its reasons (`LATE_FOR` in `relay/hub/catch_up.ts`).
 */
export const LATE_FOR_MS = 500;
/** Reports are this far apart, ms. */
export const REPORT_MS = 100;

/** Watches one connection's media until its signal ends. */
export class LateReports {
  readonly #send: (message: LateMessage) => void;
  readonly #signal: AbortSignal;
  readonly #lateness = new Lateness();
  #bytes = 0;
  #lateMs = 0;
  #lateSince: number | undefined;
  #told = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (message: LateMessage) => void, signal: AbortSignal) {
    this.#send = send;
    this.#signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** A new generation is announced. */
  generation(): void {
    this.#lateness.reset();
  }

  /** A binary message has come. @param now `performance.now()` */
  took(bytes: Bytes, now: number): void {
    this.#bytes += bytes.length;
    this.#lateMs = this.#lateness.arrived(bytes, now) ?? this.#lateMs;
    if (this.#lateMs <= LATE_MS) this.#lateSince = undefined;
    else this.#lateSince ??= now;
    const isLate = this.#lateSince !== undefined && now - this.#lateSince >= LATE_FOR_MS;
    if (this.#signal.aborted || (!isLate && !this.#told)) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#told = this.#lateMs > LATE_MS;
      this.#send({
        type: "late",
        ms: this.#told ? Math.round(this.#lateMs) : 0,
        bytes: this.#bytes,
      });
    }, REPORT_MS);
  }
}
