/**
 * One camera whose pictures and sound come by two programs, as one contribution: records, each with what places it in time.
 * Writes and cuts them; what is in them is read by the pipeline, which brings both onto one clock.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { SourceOutput } from "./source.ts";

/**
 * What a record holds. `picture`: a whole access unit of H.264 (Annex B). `pictures` and `sound`: MPEG-TS whose time stamps
 * are the wall clock's, cut anywhere. `soundEnd`: nothing; the sound is over until more comes.
 */
const KINDS = ["picture", "pictures", "sound", "soundEnd"] as const;
/** One of them. */
export type JointKind = (typeof KINDS)[number];

/** Kind (1 byte), length of what follows the header (4), {@link JointRecord.clock} (8, IEEE 754); big-endian. */
const HEADER_BYTES = 13;
/** A picture of 4K is far below. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** A record; `bytes` are lent. */
export interface JointRecord {
  readonly kind: JointKind;
  /** Of a `picture`, when it was taken, on the relay's monotonic clock; of all others, how far the wall clock is ahead of that; µs. */
  readonly clock: Micros;
  readonly bytes: Uint8Array;
}

/** What the program that brings the pictures writes to. */
export type PictureOutput = Pick<SourceOutput, "data" | "endOfFrame" | "now" | "note">;

/** Writes one source's records. */
export class JointOutput {
  /** Takes whole access units with the times they were taken. */
  readonly frames: PictureOutput;
  /** Takes MPEG-TS on the wall clock. */
  readonly transport: PictureOutput;
  readonly #out: SourceOutput;
  readonly #wallClockMs: () => number;

  /** @param wallClockMs tests bring their own. */
  constructor(out: SourceOutput, wallClockMs: () => number = Date.now) {
    this.#out = out;
    this.#wallClockMs = wallClockMs;
    const shared = {
      endOfFrame: () => {}, // a record is whole
      now: () => out.now(),
      note: (sentence: string) => out.note(sentence),
    };
    this.frames = {
      ...shared,
      data: (bytes, at) => this.#write({ kind: "picture", clock: at, bytes }, at),
    };
    this.transport = { ...shared, data: (bytes) => this.#onWallClock("pictures", bytes) };
  }

  /** MPEG-TS of sound, on the wall clock. Lent. */
  sound(bytes: Uint8Array): void {
    this.#onWallClock("sound", bytes);
  }

  /** No more sound comes, until it begins anew. */
  soundEnd(): void {
    this.#onWallClock("soundEnd", new Uint8Array(0));
  }

  #onWallClock(kind: JointKind, bytes: Uint8Array): void {
    const now = this.#out.now();
    this.#write({ kind, clock: micros(this.#wallClockMs() * 1000 - now), bytes }, now);
  }

  #write({ kind, clock, bytes }: JointRecord, arrival: Micros): void {
    const record = new Uint8Array(HEADER_BYTES + bytes.length);
    const view = new DataView(record.buffer);
    view.setUint8(0, KINDS.indexOf(kind));
    view.setUint32(1, bytes.length);
    view.setFloat64(5, clock);
    record.set(bytes, HEADER_BYTES);
    this.#out.data(record, arrival);
  }
}

/** Cuts records again, wherever they were cut. */
export class JointRecords {
  readonly #take: (record: JointRecord) => void;
  readonly #held = new Growable(0, 2 * MAX_RECORD_BYTES);

  constructor(take: (record: JointRecord) => void) {
    this.#take = take;
  }

  /** Lent. */
  push(bytes: Uint8Array): void {
    if (this.#held.length === 0) {
      const at = this.#cut(bytes);
      this.#held.append(bytes, at, bytes.length);
      return;
    }
    if (!this.#held.append(bytes, 0, bytes.length)) return this.#held.clear(); // no record is so long
    this.#held.consume(this.#cut(this.#held.view()));
  }

  /** Hands on the whole records. @returns where the first that is not whole begins. */
  #cut(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + view.getUint32(at + 1);
      if (end > bytes.length) break;
      const kind = KINDS[view.getUint8(at)];
      const clock = micros(view.getFloat64(at + 5));
      if (kind) this.#take({ kind, clock, bytes: bytes.subarray(at + HEADER_BYTES, end) });
      at = end;
    }
    return at;
  }
}
