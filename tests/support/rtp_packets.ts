/**
 * RTP packets and RTCP sender reports written from a description (RFC 3550, RFC 6184), apart from the relay's reader, and
 * a feed of them.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { RecordWriter } from "../../relay/rtp/records.ts";
import { encodeTable, type RtpTable } from "../../relay/rtp/table.ts";

/** Payload types and senders of {@link TABLE}. */
export const PICTURES = { payloadType: 102, source: 0x1111_1111 } as const;
export const SOUND = { payloadType: 111, source: 0x2222_2222 } as const;

/** A browser's session. */
export const TABLE: RtpTable = {
  tracks: [
    { payloadType: PICTURES.payloadType, codec: "h264", clockRate: 90_000 },
    { payloadType: SOUND.payloadType, codec: "opus", clockRate: 48_000 },
  ],
};

/** What a packet says. */
export interface PacketDescription {
  readonly payloadType?: number;
  readonly source?: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly payload: Uint8Array;
  /** Contributing sources, header extension words and padding bytes that a reader has to step over. */
  readonly contributors?: number;
  readonly extensionWords?: number;
  readonly padding?: number;
}

/** A packet, of pictures if not told otherwise. */
export function rtpPacket(description: PacketDescription): Bytes {
  const { payloadType = PICTURES.payloadType, source = PICTURES.source, payload } = description;
  const { contributors = 0, extensionWords, padding = 0, marker = false } = description;
  const head = [
    0x80 | (padding ? 0x20 : 0) | (extensionWords === undefined ? 0 : 0x10) | contributors,
    (marker ? 0x80 : 0) | payloadType,
    ...bytesOf(description.sequence & 0xffff, 2),
    ...bytesOf(description.timestamp, 4),
    ...bytesOf(source, 4),
    ...new Array<number>(4 * contributors).fill(7),
  ];
  if (extensionWords !== undefined) {
    head.push(0xbe, 0xde, ...bytesOf(extensionWords, 2));
    head.push(...new Array<number>(4 * extensionWords).fill(9));
  }
  const tail = padding ? [...new Array<number>(padding - 1).fill(0), padding] : [];
  return concatBytes([new Uint8Array(head), payload, new Uint8Array(tail)]);
}

/** A sender report: wall clock in seconds. */
export function senderReport(source: number, wall: number, timestamp: number): Bytes {
  const seconds = Math.floor(wall);
  return new Uint8Array([
    ...[0x80, 200, 0, 6],
    ...bytesOf(source, 4),
    ...bytesOf(seconds, 4),
    ...bytesOf(Math.round((wall - seconds) * 2 ** 32), 4),
    ...bytesOf(timestamp, 4),
    ...new Array<number>(8).fill(0),
  ]);
}

/** Payloads of an access unit's units: small ones together, large ones in fragments of `size` bytes. */
export function h264Payloads(units: readonly Uint8Array[], size = 30): Bytes[] {
  const payloads: Bytes[] = [];
  const small = units.filter((unit) => unit.length <= size);
  if (small.length > 1) {
    const parts = small.flatMap((unit) => [new Uint8Array(bytesOf(unit.length, 2)), unit]);
    payloads.push(concatBytes([Uint8Array.of(0x78), ...parts]));
  } else {
    for (const unit of small) payloads.push(new Uint8Array(unit));
  }
  for (const unit of units.filter(({ length }) => length > size)) {
    const [header = 0] = unit;
    for (let at = 1; at < unit.length; at += size) {
      const end = Math.min(at + size, unit.length);
      const flags = (at === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
      const head = Uint8Array.of((header & 0xe0) | 28, flags | (header & 0x1f));
      payloads.push(concatBytes([head, unit.subarray(at, end)]));
    }
  }
  return payloads;
}

/** Packets behind their table, as one feed. */
export function feedOf(packets: readonly Uint8Array[], table: RtpTable = TABLE): Bytes {
  const writer = new RecordWriter();
  const parts: Bytes[] = [];
  for (const record of [encodeTable(table), ...packets]) {
    writer.add(record, 0);
    if (writer.isFull) parts.push(writer.take(0));
  }
  return concatBytes([...parts, writer.take(0)]);
}

function bytesOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);
}
