/**
 * How RTP packets cross to the worker that reads them, several in one message. A record is its length (2 bytes), how
 * long before the message was sent its packet had come (2 bytes, in tenths of a millisecond), and the packet, RTP or
 * RTCP; all big-endian. The first record of a feed is its table. RFC 4571 has the same framing without the age.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { Growable } from "../bytes/growable.ts";
import { u16 } from "./packet.ts";

const HEADER_BYTES = 4;
const MAX_RECORD_BYTES = 0xffff;
const MAX_AGE = 0xffff;
const AGE_US = 100;
/** A batch is sent when it is so large, whatever its maker waits for. */
export const BATCH_BYTES = 32 * 1024;

/** Collects packets. Hot: once per packet. */
export class RecordWriter {
  #bytes: Bytes = new Uint8Array(BATCH_BYTES + HEADER_BYTES + MAX_RECORD_BYTES);
  #length = 0;
  /** Where records begin, and when their packets came. */
  readonly #places: number[] = [];
  readonly #arrivals: number[] = [];

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Whether it is time to {@link RecordWriter.take}. */
  get isFull(): boolean {
    return this.#length >= BATCH_BYTES;
  }

  /**
   * Adds a packet; one that is too long, or that finds no room, is left out.
   * @param arrivalUs on any clock that {@link RecordWriter.take} is told by as well.
   */
  add(packet: Uint8Array, arrivalUs: number): void {
    const end = this.#length + HEADER_BYTES + packet.length;
    if (packet.length > MAX_RECORD_BYTES || end > this.#bytes.length) return;
    this.#places.push(this.#length);
    this.#arrivals.push(arrivalUs);
    this.#put(this.#length, packet.length);
    this.#bytes.set(packet, this.#length + HEADER_BYTES);
    this.#length = end;
  }

  /** What was collected, as bytes of their own. */
  take(nowUs: number): Bytes {
    this.#places.forEach((place, i) => {
      const age = Math.round((nowUs - (this.#arrivals[i] ?? nowUs)) / AGE_US);
      this.#put(place + 2, Math.min(MAX_AGE, Math.max(0, age)));
    });
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    this.#places.length = 0;
    this.#arrivals.length = 0;
    return taken;
  }

  #put(at: number, value: number): void {
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value & 0xff;
  }
}

/** Takes a feed apart again, wherever it was cut. */
export class RecordReader {
  readonly #taker: (record: Uint8Array, ageUs: number) => void;
  /** The beginning of a record that goes on in the next bytes. */
  readonly #rest = new Growable(0, HEADER_BYTES + MAX_RECORD_BYTES);

  /** @param taker of each record, which is lent. */
  constructor(taker: (record: Uint8Array, ageUs: number) => void) {
    this.#taker = taker;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (this.#rest.length > 0 && at < bytes.length) {
      const wanted = missing(this.#rest.view());
      const end = Math.min(bytes.length, at + wanted);
      this.#rest.append(bytes, at, end);
      at = end;
      if (missing(this.#rest.view()) > 0) continue;
      this.#give(this.#rest.view(), 0);
      this.#rest.clear();
    }
    while (at < bytes.length) {
      const left = bytes.subarray(at);
      if (missing(left) > 0) return void this.#rest.append(bytes, at, bytes.length);
      at += this.#give(bytes, at);
    }
  }

  #give(b: Uint8Array, at: number): number {
    const length = u16(b, at);
    const start = at + HEADER_BYTES;
    if (length > 0) this.#taker(b.subarray(start, start + length), u16(b, at + 2) * AGE_US);
    return HEADER_BYTES + length;
  }
}

/** Bytes that must still come before more can be said of the record that begins here; 0 when it is whole. */
function missing(b: Uint8Array): number {
  if (b.length < HEADER_BYTES) return HEADER_BYTES - b.length;
  return Math.max(0, HEADER_BYTES + u16(b, 0) - b.length);
}
