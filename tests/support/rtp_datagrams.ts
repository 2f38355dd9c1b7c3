/**
 * RTP datagrams (RFC 3550 §5.1) written from a description, with everything that may stand before and
 * behind the payload.
 *
 * @module
 */

/** One datagram; what is left out is the ordinary case. */
export interface RtpDescription {
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Payload type; 33 is MPEG-TS. */
  readonly type?: number;
  /** Synchronisation source. */
  readonly source?: number;
  /** Contributing sources. */
  readonly csrc?: number;
  /** Words of a header extension; absent: no extension. */
  readonly extensionWords?: number;
  /** Bytes of padding, their count included. */
  readonly padding?: number;
}

/** Writes a datagram. */
export function rtpDatagram(description: RtpDescription): Uint8Array {
  const { sequence, payload, type = 33, source = 1, csrc = 0, extensionWords, padding = 0 } =
    description;
  const extensionBytes = extensionWords === undefined ? 0 : 4 + 4 * extensionWords;
  const start = 12 + 4 * csrc + extensionBytes;
  const bytes = new Uint8Array(start + payload.length + padding).fill(0xee, 12, start);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extensionWords === undefined ? 0 : 0x10) | csrc;
  bytes[1] = type;
  view.setUint16(2, sequence);
  view.setUint32(4, sequence * 3000);
  view.setUint32(8, source);
  if (extensionWords !== undefined) view.setUint16(12 + 4 * csrc + 2, extensionWords);
  bytes.set(payload, start);
  if (padding > 0) bytes[bytes.length - 1] = padding;
  return bytes;
}
