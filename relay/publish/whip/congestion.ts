/**
 * Follows when a publisher's packets come, by their transport-wide numbers, and reports it a few times a round trip.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { type Came, type Sources, writeCongestion } from "./feedback.ts";

/** Between reports; a sender takes its bearings from each. */
const REPORT_MS = 50;
/** Packets in one report: what a fast network brings in that time, many times over. */
const MAX_REPORTED = 1000;
/** Differences are 16 bits of 250 µs. */
const MAX_STEP_US = 8_000_000;

/** One connection's. */
export class Congestion implements Disposable {
  readonly #send: (write: (sources: Sources) => Bytes) => void;
  #came: Came[] = [];
  #newest: number | undefined;
  /** What has been reported ends here. */
  #next: number | undefined;
  #count = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param send takes a report that wants to know whose it is. */
  constructor(send: (write: (sources: Sources) => Bytes) => void) {
    this.#send = send;
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
  }

  /** A packet came. Hot. @param number 16 bits. */
  take(number: number, arrivalUs: number): void {
    const newest = this.#newest;
    const sequence = newest === undefined ? number : newest + ((number - newest) << 16 >> 16);
    this.#newest = Math.max(newest ?? sequence, sequence);
    if (this.#came.length < MAX_REPORTED) this.#came.push({ sequence, arrivalUs });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const came = this.#came.sort((a, b) => a.sequence - b.sequence);
    this.#came = [];
    const [earliest] = came;
    const last = came.at(-1);
    if (!earliest || !last) return;
    const next = this.#next ?? earliest.sequence;
    const first = Math.max(last.sequence - MAX_REPORTED, Math.min(next, earliest.sequence));
    const fitting = came.filter(({ sequence, arrivalUs }, i) =>
      sequence >= first && sequence !== came[i - 1]?.sequence &&
      Math.abs(arrivalUs - earliest.arrivalUs) < MAX_STEP_US
    );
    this.#next = Math.max(next, last.sequence + 1);
    if (fitting.length === 0) return;
    const count = this.#count++;
    this.#send((sources) => writeCongestion(sources, fitting, { first, count }));
  }
}
