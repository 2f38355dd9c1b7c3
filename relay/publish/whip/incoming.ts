/**
 * One track of a peer connection on its way in: packets in order, those that are missing asked for again (RFC 4585
 * §6.2.1), and a key picture where asking did not help. Knows no payload beyond that.
 *
 * @module
 */

import { type Micros, micros } from "../../../shared/units.ts";
import type { RtpPacket } from "../../rtp/packet.ts";
import { Reorder } from "../../rtp/reorder.ts";

/** A missing picture packet is waited for so long: a few round trips on any network that can carry live video. */
const PICTURE_WAIT_MS = 150;
/** Sound is rarely sent again: only what was overtaken is worth waiting for. */
const SOUND_WAIT_MS = 40;
/** What is missing is asked for again so often. */
const ASK_MS = 30;
/** Packets asked for at once. */
const MAX_ASKED = 64;

/** What a track is opened with. */
export interface IncomingOptions {
  readonly kind: "video" | "audio";
  /** The packet that is next; lent. */
  packet(packet: RtpPacket, arrival: Micros): void;
  /** Asks the sender for packets again. */
  ask(source: number, sequences: readonly number[]): void;
  /** Packets are missing for good. */
  lost(): void;
}

/** Brings one track in order. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #order: Reorder;
  #source = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When {@link Incoming.#timer} is to fire. */
  #askAt = 0 as Micros;
  /** The last time it fired late, and nothing was given up for that. */
  #wasLate = false;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#order = new Reorder({
      packet: (packet, arrival) => options.packet(packet, arrival),
      lost: () => options.lost(),
      restart: () => {},
    }, { maxWaitUs: 1000 * (options.kind === "video" ? PICTURE_WAIT_MS : SOUND_WAIT_MS) });
  }

  /** A packet as it came. Hot. */
  push(packet: RtpPacket, arrival: Micros): void {
    this.#source = packet.source;
    this.#order.push(packet, arrival);
    if (this.#order.waiting && this.#timer === undefined) this.#ask();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #ask(): void {
    const now = nowUs();
    // This isolate stood still: what came meanwhile is read before anything is given up.
    const isLate = this.#timer !== undefined && now - this.#askAt > 1000 * ASK_MS;
    this.#timer = undefined;
    this.#wasLate = isLate && !this.#wasLate;
    if (!this.#wasLate) this.#order.expire(now);
    if (!this.#order.waiting) return;
    if (this.#options.kind === "video") {
      this.#options.ask(this.#source, this.#order.missing(MAX_ASKED));
    }
    this.#askAt = micros(now + 1000 * ASK_MS);
    this.#timer = setTimeout(() => this.#ask(), ASK_MS);
  }
}

/** A clock for arrivals, µs. */
export function nowUs(): Micros {
  return micros(Math.round(performance.now() * 1000));
}
