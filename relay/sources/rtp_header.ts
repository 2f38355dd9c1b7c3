/**
 * RTP's header (RFC 3550 §5.1) before MPEG-TS (RFC 2250 §2), and the loss count that follows from its
 * sequence number (RFC 3550 §A.1). Carries no other payload and sends no RTCP.
 *
 * @module
 */

import type { Verdict } from "./gopro_header.ts";

const VERSION_MASK = 0xc0;
const VERSION_2 = 0x80;
const FLAG_PADDING = 0x20;
const FLAG_EXTENSION = 0x10;
const CSRC_COUNT_MASK = 0x0f;
const PAYLOAD_TYPE_MASK = 0x7f;
/** RFC 3551 §6: MP2T. */
const PAYLOAD_TYPE_MP2T = 33;

const FIXED_HEADER_BYTES = 12;
const TS_PACKET_BYTES = 188;
const TS_SYNC = 0x47;

/** RFC 3550 §A.1: a longer jump forward is not a loss but a sender that began anew. */
const MAX_DROPOUT = 3000;
/** RFC 3550 §A.1: older than this is not late but a sender that began anew. */
const MAX_MISORDER = 100;

/** A payload's place inside its datagram, bytes. */
export interface PayloadRange {
  start: number;
  end: number;
}

/**
 * Finds the MPEG-TS of an RTP datagram: payload type 33, or any other whose payload is whole TS packets.
 * @returns false when it is no such thing; `range` then means nothing.
 */
export function findRtpPayload(datagram: Uint8Array, range: PayloadRange): boolean {
  if (datagram.length < FIXED_HEADER_BYTES) return false;
  const first = field(datagram, 0);
  if ((first & VERSION_MASK) !== VERSION_2) return false;
  let start = FIXED_HEADER_BYTES + 4 * (first & CSRC_COUNT_MASK);
  if ((first & FLAG_EXTENSION) !== 0) {
    if (start + 4 > datagram.length) return false;
    start += 4 + 4 * (field(datagram, start + 2) << 8 | field(datagram, start + 3));
  }
  let end = datagram.length;
  if ((first & FLAG_PADDING) !== 0) {
    const padding = field(datagram, end - 1);
    if (padding === 0) return false;
    end -= padding;
  }
  if (end <= start || field(datagram, start) !== TS_SYNC) return false;
  const declared = (field(datagram, 1) & PAYLOAD_TYPE_MASK) === PAYLOAD_TYPE_MP2T;
  if (!declared && (end - start) % TS_PACKET_BYTES !== 0) return false;
  range.start = start;
  range.end = end;
  return true;
}

/**
 * Follows sequence numbers. A jump too far to be loss or lateness is believed when the next number
 * follows it (RFC 3550 §A.1); another synchronisation source is a new sender at once. A datagram that
 * comes late is not waited for: it was counted as lost and is dropped.
 */
export class RtpSequence {
  #source = -1;
  #sequence = 0;
  #afterJump = -1;

  /** Hot: once per datagram. */
  accept(datagram: Uint8Array): Verdict {
    const sequence = field(datagram, 2) << 8 | field(datagram, 3);
    const source = (field(datagram, 8) << 24 | field(datagram, 9) << 16 |
      field(datagram, 10) << 8 | field(datagram, 11)) >>> 0;
    if (source !== this.#source) {
      const verdict = this.#source < 0 ? 0 : "restart";
      this.#source = source;
      this.#moveTo(sequence);
      return verdict;
    }
    const step = (sequence - this.#sequence) << 16 >> 16; // signed, modulo 2^16
    if (step > 0 && step <= MAX_DROPOUT) {
      this.#moveTo(sequence);
      return step - 1;
    }
    if (step <= 0 && step > -MAX_MISORDER) return "late";
    if (sequence === this.#afterJump) {
      this.#moveTo(sequence);
      return "restart";
    }
    this.#afterJump = (sequence + 1) & 0xffff;
    return "late";
  }

  #moveTo(sequence: number): void {
    this.#sequence = sequence;
    this.#afterJump = -1;
  }
}

function field(datagram: Uint8Array, offset: number): number {
  return datagram[offset] ?? 0;
}
