/**
 * Transport streams written from a description (ISO/IEC 13818-1), so that tests need no binary: packets, PES,
 * PAT and PMT, and every fault a packet can have. Apart from the relay's own reader in every respect.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";

export const PACKET = 188;
const HEADER = 4;
const ROOM = PACKET - HEADER;
const CONTINUITY = 16;

/** One transport packet, §2.4.3.2. What its payload leaves free is stuffed. */
export interface PacketDescription {
  readonly pid: number;
  readonly counter?: number;
  readonly payload?: Uint8Array;
  readonly unitStart?: boolean;
  readonly transportError?: boolean;
  readonly scrambled?: boolean;
  readonly discontinuity?: boolean;
  /** program_clock_reference_base, 90 kHz. */
  readonly pcr?: number;
  /** Bytes of transport_private_data. */
  readonly privateData?: Uint8Array;
  /** Bytes of stuffing beyond what the payload leaves free; the payload must leave room. */
  readonly padWith?: "adaptation" | "ones";
}

/** The bytes of a packet. @throws when the payload does not fit. */
export function tsPacket(description: PacketDescription): Bytes {
  const { pid, counter = 0, payload = new Uint8Array(0), padWith = "adaptation" } = description;
  const flags = (description.discontinuity ? 0x80 : 0) |
    (description.pcr === undefined ? 0 : 0x10) |
    (description.privateData === undefined ? 0 : 0x02);
  const stated = [
    ...(description.pcr === undefined ? [] : pcrBytes(description.pcr)),
    ...(description.privateData === undefined
      ? []
      : [description.privateData.length, ...description.privateData]),
  ];
  const least = flags === 0 ? 0 : 2 + stated.length;
  if (payload.length + least > ROOM) throw new RangeError("the payload does not fit its packet");
  const adapted = flags !== 0 || (padWith === "adaptation" && payload.length < ROOM);
  const packet = new Uint8Array(PACKET).fill(0xff);
  packet.set([
    0x47,
    (description.transportError ? 0x80 : 0) | (description.unitStart ? 0x40 : 0) | (pid >> 8),
    pid & 0xff,
    (description.scrambled ? 0x80 : 0) | (adapted ? 0x20 : 0) | (payload.length > 0 ? 0x10 : 0) |
    (counter & 0x0f),
  ]);
  const start = padWith === "ones" ? HEADER + least : PACKET - payload.length;
  if (adapted) {
    packet[HEADER] = start - HEADER - 1;
    if (start > HEADER + 1) packet.set([flags, ...stated], HEADER + 1);
  }
  packet.set(payload, start);
  return packet;
}

function pcrBytes(base: number): number[] {
  const high = Math.floor(base / 2);
  return [
    high / 2 ** 24 & 0xff,
    high >> 16 & 0xff,
    high >> 8 & 0xff,
    high & 0xff,
    base % 2 << 7 | 0x7e,
    0,
  ];
}

/** One PES packet, §2.4.3.6. */
export interface PesDescription {
  readonly streamId?: number;
  readonly pts?: number;
  readonly dts?: number;
  readonly payload: Uint8Array;
  /** PES_packet_length: `none` is 0, `exact` what it is, a number a lie. Exact by default, none for pictures. */
  readonly length?: "none" | "exact" | number;
  /** Bytes of stuffing in the header. */
  readonly headerStuffing?: number;
}

/** Stream ids, table 2-22. */
export const VIDEO_ID = 0xe0;
export const AUDIO_ID = 0xc0;

/** The bytes of a PES packet. */
export function pesPacket(description: PesDescription): Bytes {
  const { streamId = VIDEO_ID, pts, dts, payload, headerStuffing = 0 } = description;
  const times = [
    ...(pts === undefined ? [] : timestamp(dts === undefined ? 2 : 3, pts)),
    ...(dts === undefined ? [] : timestamp(1, dts)),
  ];
  const optional = times.length + headerStuffing;
  const exact = 3 + optional + payload.length;
  const { length = streamId === VIDEO_ID ? "none" : "exact" } = description;
  const stated = length === "none" ? 0 : length === "exact" ? exact : length;
  return concatBytes([
    new Uint8Array([0, 0, 1, streamId, stated >> 8 & 0xff, stated & 0xff, 0x80]),
    new Uint8Array([pts === undefined ? 0 : dts === undefined ? 0x80 : 0xc0, optional, ...times]),
    new Uint8Array(headerStuffing).fill(0xff),
    payload,
  ]);
}

function timestamp(prefix: number, value: number): number[] {
  const bits = (from: number, count: number): number => Math.floor(value / 2 ** from) % 2 ** count;
  const [high, middle, low] = [bits(30, 3), bits(15, 15), bits(0, 15)];
  return [
    prefix << 4 | high << 1 | 1,
    middle >> 7,
    (middle & 0x7f) << 1 | 1,
    low >> 7,
    (low & 0x7f) << 1 | 1,
  ];
}

/** CRC-32 of Annex A, bit by bit. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = (value >>> 31) ^ (byte >> bit & 1);
      value = (value << 1) ^ (carry ? 0x04c11db7 : 0);
    }
  }
  return value >>> 0;
}

/** A section with its header and CRC, §2.4.4. */
export function section(
  tableId: number,
  body: readonly number[],
  { extension = 1, version = 0, current = true, number = 0, last = 0 }: {
    readonly extension?: number;
    readonly version?: number;
    readonly current?: boolean;
    readonly number?: number;
    readonly last?: number;
  } = {},
): Bytes {
  const length = 5 + body.length + 4;
  const head = new Uint8Array([
    tableId,
    0xb0 | length >> 8,
    length & 0xff,
    extension >> 8,
    extension & 0xff,
    0xc0 | version << 1 | (current ? 1 : 0),
    number,
    last,
    ...body,
  ]);
  const check = crc(head);
  return concatBytes([
    head,
    new Uint8Array([check >>> 24, check >>> 16 & 0xff, check >>> 8 & 0xff, check & 0xff]),
  ]);
}

/** A line of a PAT; program number 0 names the network's PID. */
export interface ProgramLine {
  readonly program: number;
  readonly pid: number;
}

/** PAT, §2.4.4.3. */
export function patSection(
  programs: readonly ProgramLine[],
  options: Parameters<typeof section>[2] = {},
): Bytes {
  const body = programs.flatMap(({ program, pid }) => [
    program >> 8,
    program & 0xff,
    0xe0 | pid >> 8,
    pid & 0xff,
  ]);
  return section(0, body, options);
}

/** An elementary stream of a PMT. */
export interface StreamLine {
  readonly pid: number;
  readonly type: number;
  readonly descriptors?: readonly number[];
}

/** PMT, §2.4.4.8. */
export function pmtSection(
  streams: readonly StreamLine[],
  { program = 1, pcrPid = 0x1fff, info = [], ...options }:
    & { readonly program?: number; readonly pcrPid?: number; readonly info?: readonly number[] }
    & Parameters<typeof section>[2] = {},
): Bytes {
  const body = [
    0xe0 | pcrPid >> 8,
    pcrPid & 0xff,
    0xf0 | info.length >> 8,
    info.length & 0xff,
    ...info,
    ...streams.flatMap(({ pid, type, descriptors = [] }) => [
      type,
      0xe0 | pid >> 8,
      pid & 0xff,
      0xf0 | descriptors.length >> 8,
      descriptors.length & 0xff,
      ...descriptors,
    ]),
  ];
  return section(2, body, { extension: program, ...options });
}

/** Stream types, table 2-34. */
export const H264 = 0x1b;
export const AAC = 0x0f;

/** Where the usual stream has its parts. */
export const PMT_PID = 0x100;
export const VIDEO_PID = 0x101;
export const AUDIO_PID = 0x102;

/** Writes packets one behind the other and counts them PID by PID. */
export class TsBuilder {
  readonly packets: Bytes[] = [];
  readonly #counters = new Map<number, number>();

  /** One packet as described, its counter given. */
  packet(description: Omit<PacketDescription, "counter">): this {
    const counter = this.#counters.get(description.pid) ?? 0;
    this.packets.push(tsPacket({ ...description, counter }));
    if (description.payload?.length) {
      this.#counters.set(description.pid, (counter + 1) % CONTINUITY);
    }
    return this;
  }

  /** The next packet of `pid` is counted as if `count` had been sent before it. */
  skipCounter(pid: number, count = 1): this {
    this.#counters.set(pid, ((this.#counters.get(pid) ?? 0) + count) % CONTINUITY);
    return this;
  }

  /** A PES packet; its last transport packet is stuffed. `first` describes its first further. */
  pes(pid: number, description: PesDescription, first: Partial<PacketDescription> = {}): this {
    const bytes = pesPacket(description);
    let at = 0;
    while (at < bytes.length) {
      const extra = at === 0 ? first : {};
      const room = ROOM - (extra.discontinuity || extra.pcr !== undefined ? 2 : 0) -
        (extra.pcr === undefined ? 0 : 6);
      this.packet({ pid, payload: bytes.subarray(at, at + room), unitStart: at === 0, ...extra });
      at += room;
    }
    return this;
  }

  /** Sections back to back: several to a packet, or one over several, as they come. */
  sections(pid: number, sections: readonly Uint8Array[]): this {
    const bytes = concatBytes(sections);
    const starts: number[] = [];
    let sum = 0;
    for (const each of sections) {
      starts.push(sum);
      sum += each.length;
    }
    let at = 0;
    while (at < bytes.length) {
      const start = starts.find((each) => each >= at && each < at + ROOM - 1);
      const head = start === undefined ? [] : [start - at]; // pointer_field
      // A section that would begin in the packet's last byte begins in the next.
      const early = start === undefined && starts.includes(at + ROOM - 1) ? 1 : 0;
      const end = Math.min(bytes.length, at + ROOM - head.length - early);
      const payload = concatBytes([new Uint8Array(head), bytes.subarray(at, end)]);
      const isLast = end === bytes.length;
      const ones = new Uint8Array(isLast ? ROOM - payload.length : 0).fill(0xff);
      this.packet({
        pid,
        payload: concatBytes([payload, ones]),
        unitStart: start !== undefined,
      });
      at = end;
    }
    return this;
  }

  /** PAT with one program. */
  pat(programs: readonly ProgramLine[] = [{ program: 1, pid: PMT_PID }]): this {
    return this.sections(0, [patSection(programs)]);
  }

  /** PMT of program 1: pictures and sound, or the streams given. */
  pmt(
    streams: readonly StreamLine[] = [{ pid: VIDEO_PID, type: H264 }, {
      pid: AUDIO_PID,
      type: AAC,
    }],
    options: Parameters<typeof pmtSection>[1] = {},
  ): this {
    return this.sections(PMT_PID, [pmtSection(streams, options)]);
  }

  /** All packets, joined. */
  bytes(): Bytes {
    return concatBytes(this.packets);
  }

  /** Takes what has been written; counters go on. */
  take(): Bytes {
    const bytes = this.bytes();
    this.packets.length = 0;
    return bytes;
  }
}

/** Packets as M2TS has them: a time code of four bytes before each. */
export function withTimeCodes(packets: readonly Uint8Array[]): Bytes {
  return concatBytes(packets.flatMap((packet, i) => [
    new Uint8Array([i >> 8 & 0x3f, i & 0xff, 0x12, 0x34]),
    packet,
  ]));
}

/** Packets as DVB modulators have them: 16 bytes of parity behind each. */
export function withParity(packets: readonly Uint8Array[]): Bytes {
  return concatBytes(packets.flatMap((packet, i) => [
    packet,
    new Uint8Array(16).fill(0x80 | i & 0x1f),
  ]));
}
