/**
 * Puts one sender's packets back in order (RFC 3550 §A.1): what comes too early waits, for a bounded time and in a
 * bounded number, for what is missing; then that is given up. Knows no payload.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import type { RtpPacket } from "./packet.ts";

/** RFC 3550 §A.1: a longer jump forward is not a loss but a sender that began anew. */
const MAX_DROPOUT = 3000;
/** RFC 3550 §A.1: older than this is not late but a sender that began anew. */
const MAX_MISORDER = 100;
/** Packets that wait at most: half a second of 8 Mbit/s. */
export const MAX_HELD = 512;

/** Where packets go, in order. */
export interface OrderedOutput {
  /** Lent. */
  packet(packet: RtpPacket, arrival: Micros): void;
  /** So many before the next packet are missing. */
  lost(packets: number): void;
  /** What follows is another sender's, or one's that began anew. */
  restart(): void;
}

interface Held {
  readonly packet: RtpPacket;
  readonly arrival: Micros;
}

/** Orders one stream of packets. Hot: once per packet. */
export class Reorder {
  readonly #out: OrderedOutput;
  readonly #maxWaitUs: number;
  /** Copies, by sequence number. */
  readonly #held = new Map<number, Held>();
  #source: number | undefined;
  /** Sequence number that is due. */
  #due = 0;
  /** A number that would confirm a jump. */
  #afterJump = -1;

  /** @param options.maxWaitUs how long a missing packet is waited for; 0 where it cannot come any more. */
  constructor(out: OrderedOutput, { maxWaitUs }: { readonly maxWaitUs: number }) {
    this.#out = out;
    this.#maxWaitUs = maxWaitUs;
  }

  /** Whether packets wait for one that is missing. */
  get waiting(): boolean {
    return this.#held.size > 0;
  }

  /** Sequence numbers that are waited for, at most `most` of them. */
  missing(most: number): number[] {
    const missing: number[] = [];
    const last = Math.max(0, ...this.#held.keys().map((held) => (held - this.#due) & 0xffff));
    for (let step = 0; step < last && missing.length < most; step++) {
      const sequence = (this.#due + step) & 0xffff;
      if (!this.#held.has(sequence)) missing.push(sequence);
    }
    return missing;
  }

  /** A packet as it came; lent. */
  push(packet: RtpPacket, arrival: Micros): void {
    const { sequence, source } = packet;
    if (source !== this.#source) return this.#restart(packet, arrival);
    const step = (sequence - this.#due) << 16 >> 16; // signed, modulo 2^16
    if (step === 0) {
      this.#deliver(packet, arrival);
      this.#drain();
    } else if (step > 0 && step <= MAX_DROPOUT) {
      this.#hold(packet, arrival);
    } else if (step < -MAX_MISORDER || step > 0) {
      if (sequence === this.#afterJump) return this.#restart(packet, arrival);
      this.#afterJump = (sequence + 1) & 0xffff;
    }
  }

  /** Gives up what has been waited for long enough. */
  expire(now: Micros): void {
    while (this.#held.size > 0 && now - this.#oldest() >= this.#maxWaitUs) this.#skip();
  }

  /** Gives up whatever is missing. */
  flush(): void {
    while (this.#held.size > 0) this.#skip();
  }

  #restart(packet: RtpPacket, arrival: Micros): void {
    this.flush();
    if (this.#source !== undefined) this.#out.restart();
    this.#source = packet.source;
    this.#afterJump = -1;
    this.#due = packet.sequence;
    this.#deliver(packet, arrival);
  }

  #deliver(packet: RtpPacket, arrival: Micros): void {
    this.#due = (packet.sequence + 1) & 0xffff;
    this.#afterJump = -1;
    this.#out.packet(packet, arrival);
  }

  #hold(packet: RtpPacket, arrival: Micros): void {
    if (this.#held.has(packet.sequence)) return;
    const copy = { ...packet, payload: packet.payload.slice() };
    this.#held.set(packet.sequence, { packet: copy, arrival });
    if (this.#maxWaitUs === 0) this.flush();
    else if (this.#held.size > MAX_HELD) this.#skip();
  }

  #drain(): void {
    for (;;) {
      const next = this.#held.get(this.#due);
      if (!next) return;
      this.#held.delete(this.#due);
      this.#deliver(next.packet, next.arrival);
    }
  }

  /** What is missing before the first packet that waits will not come. */
  #skip(): void {
    let nearest = 0x1_0000;
    for (const sequence of this.#held.keys()) {
      nearest = Math.min(nearest, (sequence - this.#due) & 0xffff);
    }
    this.#due = (this.#due + nearest) & 0xffff;
    this.#out.lost(nearest);
    this.#drain();
  }

  #oldest(): number {
    let oldest = Infinity;
    for (const { arrival } of this.#held.values()) oldest = Math.min(oldest, arrival);
    return oldest;
  }
}
