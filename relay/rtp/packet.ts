/**
 * RTP's packet header, RFC 3550 §5.1, and how an RTCP packet on the same port is told from it, RFC 5761 §4. Knows no
 * payload.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

const VERSION_MASK = 0xc0;
const VERSION_2 = 0x80;
const FLAG_PADDING = 0x20;
const FLAG_EXTENSION = 0x10;
const CSRC_COUNT_MASK = 0x0f;
const FLAG_MARKER = 0x80;
const PAYLOAD_TYPE_MASK = 0x7f;
const FIXED_HEADER_BYTES = 12;
/** RFC 5761 §4: the second byte of every RTCP packet there is. */
const FIRST_CONTROL = 192;
const LAST_CONTROL = 223;

/** A packet, read. Reused by whoever reads many; its payload is a view of what was read. */
export interface RtpPacket {
  marker: boolean;
  payloadType: number;
  /** 16 bits. */
  sequence: number;
  /** 32 bits, in units of the payload type's clock. */
  timestamp: number;
  /** SSRC: who sends it, as a number of its own. */
  source: number;
  payload: Uint8Array;
}

/** A packet to read into. */
export function newPacket(): RtpPacket {
  return {
    marker: false,
    payloadType: 0,
    sequence: 0,
    timestamp: 0,
    source: 0,
    payload: new Uint8Array(0),
  };
}

/**
 * Reads a packet; `false` where the bytes are none. A sender that probes its way sends packets without payload, which
 * count all the same. Hot: once per packet.
 * @param into filled; means nothing when the answer is `false`.
 */
export function readPacket(b: Uint8Array, into: RtpPacket): boolean {
  if (b.length < FIXED_HEADER_BYTES) return false;
  const first = b[0] ?? 0;
  if ((first & VERSION_MASK) !== VERSION_2) return false;
  let start = FIXED_HEADER_BYTES + 4 * (first & CSRC_COUNT_MASK);
  if ((first & FLAG_EXTENSION) !== 0) {
    if (start + 4 > b.length) return false;
    start += 4 + 4 * u16(b, start + 2);
  }
  let end = b.length;
  if ((first & FLAG_PADDING) !== 0) {
    const padding = b[end - 1] ?? 0;
    if (padding === 0) return false;
    end -= padding;
  }
  if (end < start) return false;
  const second = b[1] ?? 0;
  into.marker = (second & FLAG_MARKER) !== 0;
  into.payloadType = second & PAYLOAD_TYPE_MASK;
  into.sequence = u16(b, 2);
  into.timestamp = u32(b, 4);
  into.source = u32(b, 8);
  into.payload = b.subarray(start, end);
  return true;
}

/** The packet again, without what is only its way's: contributing sources, extensions, padding. */
export function writePacket(packet: RtpPacket): Bytes {
  const b = new Uint8Array(FIXED_HEADER_BYTES + packet.payload.length);
  const fields = new DataView(b.buffer);
  b[0] = VERSION_2;
  b[1] = (packet.marker ? FLAG_MARKER : 0) | packet.payloadType;
  fields.setUint16(2, packet.sequence);
  fields.setUint32(4, packet.timestamp);
  fields.setUint32(8, packet.source);
  b.set(packet.payload, FIXED_HEADER_BYTES);
  return b;
}

/** Whether a packet is RTCP. */
export function isControl(b: Uint8Array): boolean {
  const type = b[1] ?? 0;
  return type >= FIRST_CONTROL && type <= LAST_CONTROL;
}

/** 16 bits, big-endian; what is not there counts as 0. */
export function u16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}

/** 32 bits, big-endian. */
export function u32(b: Uint8Array, at: number): number {
  return (u16(b, at) * 0x1_0000) + u16(b, at + 2);
}
