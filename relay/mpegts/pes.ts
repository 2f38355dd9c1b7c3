/**
 * PES packets, ISO/IEC 13818-1 §2.4.3.6: assembled from the transport packets of one PID and let go the
 * moment they are complete. Knows nothing of codecs; time stamps stay 33 bits wide.
 *
 * When is a packet of unstated length complete? At the next start at the latest. Sooner when the transport
 * says so, when a pause says so (a long one where there is a habit), or when a {@link Habit} says so: the muxer stuffs the last packet only, the
 * sender ends its datagram there only, however short that makes it.
 * A few bytes of stuffing are judged apart: Apple's segmenter leaves an empty adaptation field of eight bytes in
 * the last packet but one when the rest is tiny.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import { Habit } from "./habit.ts";
import { PACKET_BYTES, PAYLOAD_BYTES, payloadOffset, stuffing, unitStart } from "./packet.ts";

/** Largest access unit taken: a 4K key picture at the worst quality is a few MiB. */
export const MAX_ACCESS_UNIT_BYTES = 16 * 1024 * 1024;
/** Less stuffing than this may be an empty adaptation field of fixed size. */
const FEW_BYTES = 8;

const START_BYTES = 6;
const HEADER_BYTES = 9;
/** PTS, and DTS, in the header's optional part. */
const TIMESTAMP_BYTES = 5;
/** More than most pictures and every PES packet that states its length. */
const INITIAL_BYTES = 64 * 1024;
/** The packet's length has not been read yet. */
const UNREAD = -1;

/** Where whole PES packets go. */
export interface PesOutput {
  /**
   * A whole packet's payload, lent. `pts` and `dts` are 33-bit values at 90 kHz where the header has them; a
   * missing DTS equals the PTS (§2.4.3.7).
   */
  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void;
  /** A packet in flight was incomplete or not a PES packet and was thrown away. */
  damaged(): void;
  /** So was a whole one, whose payload is scrambled (PES_scrambling_control). */
  scrambled(): void;
  /** Bytes came for a packet that was let go too early: what was sent is cut short. */
  lateTail(bytes: number): void;
}

/** stream_ids whose packets have no header beyond the length (§2.4.3.7, table 2-21). */
function isBare(streamId: number): boolean {
  return streamId === 0xbc || streamId === 0xbe || streamId === 0xbf || streamId === 0xf0 ||
    streamId === 0xf1 || streamId === 0xf2 || streamId === 0xf8 || streamId === 0xff;
}

/** A 33-bit time stamp in its five bytes; marker bits are not judged. */
function timestamp(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) & 0x0e) * 2 ** 29 + // bits 32..30
    (b[at + 1] ?? 0) * 2 ** 22 + ((b[at + 2] ?? 0) & 0xfe) * 2 ** 14 + // bits 29..15
    (b[at + 3] ?? 0) * 2 ** 7 + ((b[at + 4] ?? 0) >> 1); // bits 14..0
}

/** Assembles the PES packets of one PID. Hot: `push` runs once per packet. */
export class PesAssembler {
  readonly #out: PesOutput;
  readonly #buffer = new Growable(INITIAL_BYTES, MAX_ACCESS_UNIT_BYTES);
  #open = false;
  /** Bytes the packet will have; 0 where it does not say, {@link UNREAD} before its sixth byte. */
  #total = UNREAD;
  #arrival = 0 as Micros;
  /** The newest packet was let go without its length being known. */
  #letGoEarly = false;
  /** Bytes of stuffing in the transport packet before. */
  #stuffing = 0;
  /** The transport packet before was the last of a datagram shorter than others. */
  #endsShort = false;
  readonly #littleStuffing = new Habit();
  readonly #muchStuffing = new Habit();
  readonly #shortDatagram = new Habit();

  constructor(out: PesOutput) {
    this.#out = out;
  }

  /** One transport packet with payload, at `b[at, at + 188)`. */
  push(b: Uint8Array, at: number, arrival: Micros): void {
    const start = at + payloadOffset(b, at);
    const end = at + PACKET_BYTES;
    if (unitStart(b, at)) {
      this.#nextStart();
      this.#open = true;
      this.#arrival = arrival;
    } else if (!this.#open) {
      if (!this.#letGoEarly) return; // the middle of a packet whose start was not seen
      this.#breakHabits();
      this.#out.lateTail(end - start);
      return;
    } else {
      this.#breakHabits();
    }
    if (!this.#buffer.append(b, start, end)) {
      this.#discard();
      return;
    }
    this.#stuffing = stuffing(b, at);
    if (this.#total === UNREAD) {
      if (this.#buffer.length < START_BYTES) return;
      this.#readLength();
      if (!this.#open) return;
    }
    if (this.#total > 0) {
      if (this.#buffer.length >= this.#total) this.#finish(this.#total);
    } else if (this.#stuffing > 0 && this.#stuffingHabit.believed) {
      this.flush();
    }
  }

  /** What was pushed last stood at the end of a datagram shorter than its sender's full ones. */
  endOfShortDatagram(): void {
    if (!this.#open && !this.#letGoEarly) return;
    this.#endsShort = true;
    if (this.#shortDatagram.believed) this.flush();
  }

  /**
   * How many transport packets that are all payload and begin nothing may simply be added to the packet in flight: it
   * goes on after them, whatever follows. 0 where each must be looked at.
   */
  get room(): number {
    if (!this.#open || this.#stuffing > 0 || this.#endsShort || this.#total === UNREAD) return 0;
    const last = this.#total > 0 ? this.#total - 1 : MAX_ACCESS_UNIT_BYTES;
    return Math.max(0, Math.floor((last - this.#buffer.length) / PAYLOAD_BYTES));
  }

  /** Adds the payload `b[start, end)` of no more such packets than there is room for. */
  add(b: Uint8Array, start: number, end: number): void {
    this.#buffer.append(b, start, end);
  }

  /** Transport packets are missing: a packet in flight is lost. */
  gap(): void {
    this.#letGoEarly = false;
    this.#endsShort = false;
    if (this.#open) this.#discard();
  }

  /** The packet in flight is complete, from knowledge outside this layer. */
  flush(): void {
    if (!this.waiting) return;
    this.#letGoEarly = true;
    this.#finish(this.#buffer.length);
  }

  /** Whether a packet of unstated length waits for its end. */
  get waiting(): boolean {
    return this.#open && this.#total === 0 && this.#buffer.length >= HEADER_BYTES;
  }

  /** Whether it waits where a {@link Habit} would have shown its end: then the pause is in the middle of it. */
  get midway(): boolean {
    return this.waiting && (this.#muchStuffing.believed || this.#littleStuffing.believed ||
      this.#shortDatagram.believed);
  }

  #nextStart(): void {
    if (this.#endsShort) this.#shortDatagram.keep();
    this.#endsShort = false;
    this.#letGoEarly = false;
    if (!this.#open) return;
    if (this.#total > 0) {
      this.#discard(); // fewer bytes than it stated
      return;
    }
    if (this.#stuffing > 0) this.#stuffingHabit.keep();
    this.#finish(this.#buffer.length);
  }

  get #stuffingHabit(): Habit {
    return this.#stuffing >= FEW_BYTES ? this.#muchStuffing : this.#littleStuffing;
  }

  /** The packet goes on: what seemed to end it before did not. */
  #breakHabits(): void {
    if (this.#stuffing > 0) this.#littleStuffing.break();
    if (this.#stuffing >= FEW_BYTES) this.#muchStuffing.break();
    if (this.#endsShort) this.#shortDatagram.break();
    this.#endsShort = false;
  }

  #readLength(): void {
    const b = this.#buffer.view();
    if (b[0] !== 0 || b[1] !== 0 || b[2] !== 1) {
      this.#discard();
      return;
    }
    const stated = ((b[4] ?? 0) << 8) | (b[5] ?? 0);
    this.#total = stated === 0 ? 0 : START_BYTES + stated;
  }

  #finish(length: number): void {
    const b = this.#buffer.view().subarray(0, length);
    this.#open = false;
    this.#total = UNREAD;
    this.#buffer.clear();
    if (isBare(b[3] ?? 0)) return; // padding and the like
    const optional = b[8] ?? 0; // PES_header_data_length
    const payloadStart = HEADER_BYTES + optional;
    if (((b[6] ?? 0) & 0xc0) !== 0x80 || payloadStart > b.length) {
      this.#out.damaged();
      return;
    }
    if (((b[6] ?? 0) & 0x30) !== 0) {
      this.#out.scrambled();
      return;
    }
    const flags = (b[7] ?? 0) >> 6; // PTS_DTS_flags
    const hasPts = (flags & 2) !== 0 && optional >= TIMESTAMP_BYTES;
    const hasDts = flags === 3 && optional >= 2 * TIMESTAMP_BYTES;
    const pts = hasPts ? timestamp(b, HEADER_BYTES) : undefined;
    const dts = hasDts ? timestamp(b, HEADER_BYTES + TIMESTAMP_BYTES) : pts;
    this.#out.packet(b.subarray(payloadStart), pts, dts, this.#arrival);
  }

  #discard(): void {
    this.#open = false;
    this.#total = UNREAD;
    this.#buffer.clear();
    this.#out.damaged();
  }
}
