/**
 * A bare byte stream of NAL units (Rec. ITU-T H.264 and H.265, Annex B) cut into access units; the two fields of a
 * frame stay together. A picture leaves when the source says that it is whole, when the next one begins, or when
 * nothing has come for a while; never later than that. When it is shown is timing.ts's.
 *
 * @module
 */

import { type Micros, micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { ElementaryOutput, UnitCodec, UnitStream } from "../codecs/codec.ts";
import { MAX_NAL_UNITS } from "../codecs/nal.ts";
import { findStartCode } from "../codecs/start_codes.ts";
import { type Pictures, PLACE, PLACE_BYTES } from "../codecs/pictures.ts";
import { Timing } from "./timing.ts";

/** Largest access unit taken: a 4K key picture at the worst quality is a few MiB. */
const MAX_ACCESS_UNIT_BYTES = 16 * 1024 * 1024;
const INITIAL_BYTES = 256 * 1024;
/** More at once is taken in pieces, so that the buffer holds one access unit and little else. */
const MAX_PIECE_BYTES = 256 * 1024;
const START_CODE_BYTES = 3;

/** What a reader is opened with. */
export interface AnnexBOptions {
  readonly codec: UnitCodec;
  readonly out: ElementaryOutput;
  /** `rate` for a file. */
  readonly clock: "arrival" | "capture" | "rate";
  /** Something is missing before the next picture. `damaged`: an access unit was thrown away. */
  gap(damaged: boolean): void;
  /** Bytes came for a picture that was let go too early. */
  lateTail(bytes: number): void;
}

/** Reads one stream. Hot: once per picture, and over every byte. */
export class AnnexBReader {
  readonly #options: AnnexBOptions;
  readonly #stream: UnitStream;
  readonly #pictures: Pictures;
  #timing: Timing;
  readonly #buffer = new Growable(INITIAL_BYTES, MAX_ACCESS_UNIT_BYTES + MAX_PIECE_BYTES);
  /** Of the whole units of the access unit in flight: where each starts and ends in the buffer, when it came. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #arrivals: Micros[] = [];
  readonly #units: Uint8Array[] = [];
  /** Where the unit in flight starts, behind its start code; -1 while none is. */
  #open = -1;
  #openArrival = 0 as Micros;
  /** The place of the unit in flight is known. */
  #placed = false;
  /** No start code begins before. */
  #scanned = 0;
  /** How many units the access unit in flight has if it is whole; -1 while that is not to be expected. */
  #mayEnd = -1;
  /** A unit was let go before its end was seen. */
  #late = false;
  /** That bytes came for it has been said. */
  #lateTold = false;

  constructor(options: AnnexBOptions) {
    this.#options = options;
    this.#stream = options.codec.open(options.out);
    this.#pictures = options.codec.pictures();
    this.#timing = this.#newTiming();
  }

  push(bytes: Uint8Array, arrival: Micros): void {
    for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
      const end = Math.min(at + MAX_PIECE_BYTES, bytes.length);
      if (this.#buffer.length > MAX_ACCESS_UNIT_BYTES) this.#discard();
      this.#buffer.append(bytes, at, end);
      this.#scan(arrival);
      this.#compact();
    }
  }

  endOfFrame(): void {
    this.#letGo();
  }

  /** Nobody knows whose bytes were lost: what is in flight is thrown away. */
  lost(_datagrams: number): void {
    this.#discard();
  }

  flush(): void {
    const cut = this.#open >= 0;
    this.#letGo();
    this.#late = cut;
    this.#lateTold = false;
  }

  get waiting(): boolean {
    // A file's picture is never late: it waits for bytes, not for time.
    return this.#options.clock !== "rate" && (this.#open >= 0 || this.#starts.length > 0);
  }

  end(_arrival: Micros): void {
    this.#letGo();
    this.#timing.release();
    this.#stream.flush();
  }

  restart(): void {
    this.end(micros(0));
    this.#stream.gap();
    this.#pictures.restart();
    this.#timing = this.#newTiming();
  }

  #newTiming(): Timing {
    const { orderStep } = this.#pictures;
    return new Timing(this.#stream, { clock: this.#options.clock, orderStep });
  }

  /** Finds the units in what is new. */
  #scan(arrival: Micros): void {
    const b = this.#buffer.view();
    for (;;) {
      const code = findStartCode(b, this.#scanned);
      if (code < 0) break;
      if (this.#open >= 0) this.#close(b, code);
      else this.#passOver(b, code);
      this.#open = code + START_CODE_BYTES;
      this.#openArrival = arrival;
      this.#placed = false;
      this.#scanned = this.#open;
    }
    // The last two bytes may be the beginning of a start code.
    const undecided = Math.max(this.#scanned, b.length - (START_CODE_BYTES - 1));
    if (this.#open < 0) this.#passOver(b, undecided);
    this.#scanned = undecided;
    if (this.#open < 0 || this.#placed || b.length - this.#open < PLACE_BYTES) return;
    const unit = b.subarray(this.#open, this.#open + PLACE_BYTES);
    if (this.#options.codec.isPicture(unit)) this.#place(unit); // the picture before need not wait for all of it
  }

  /** Bytes outside any unit: what stands before the first, or the tail of one that was let go too early. */
  #passOver(b: Uint8Array, end: number): void {
    if (!this.#late) return;
    let bytes = 0;
    for (let at = this.#scanned; at < end; at++) if (b[at] !== 0) bytes++;
    if (bytes === 0) return;
    this.#options.lateTail(bytes);
    if (!this.#lateTold) this.#gap(false);
    this.#lateTold = true;
  }

  /** The unit in flight ends before `end`. */
  #close(b: Uint8Array, end: number): void {
    const start = this.#open;
    let stop = end;
    while (stop > start && b[stop - 1] === 0) stop--; // trailing_zero_8bits
    this.#open = -1;
    this.#late = false;
    if (stop === start) return;
    if (!this.#placed) this.#place(b.subarray(start, stop));
    if (this.#starts.length >= MAX_NAL_UNITS) return this.#options.out.unreadable();
    this.#starts.push(start);
    this.#ends.push(stop);
    this.#arrivals.push(this.#openArrival);
  }

  /** Asks where a unit belongs, and lets go of the access unit before it if that is whole. */
  #place(unit: Uint8Array): void {
    this.#placed = true;
    const { order, sequence } = this.#pictures;
    const place = this.#pictures.place(unit);
    if (place === PLACE.may) {
      if (this.#mayEnd < 0) this.#mayEnd = this.#starts.length;
    } else if (place === PLACE.begins) {
      this.#emit(this.#mayEnd < 0 ? this.#starts.length : this.#mayEnd, { order, sequence });
    } else if (this.#options.codec.isPicture(unit)) {
      this.#mayEnd = -1; // the second field
    }
  }

  /** Hands on the first `count` units. */
  #emit(count: number, order: { readonly order: number; readonly sequence: number }): void {
    this.#mayEnd = -1;
    if (count === 0) return;
    const b = this.#buffer.view();
    this.#units.length = 0;
    for (let i = 0; i < count; i++) {
      this.#units.push(b.subarray(this.#starts[i] ?? 0, this.#ends[i] ?? 0));
    }
    const arrival = this.#arrivals[0] ?? micros(0);
    for (const list of [this.#starts, this.#ends, this.#arrivals]) list.splice(0, count);
    const { reorder, frameRate } = this.#pictures;
    this.#timing.picture(this.#units, { ...order, arrival, reorder, frameRate });
  }

  /** Everything in flight is one access unit, and whole. */
  #letGo(): void {
    const b = this.#buffer.view();
    if (this.#open >= 0) this.#close(b, b.length);
    if (this.#starts.length > 0) this.#emit(this.#starts.length, this.#pictures);
    this.#clear();
  }

  #discard(): void {
    const damaged = this.#open >= 0 || this.#starts.length > 0;
    this.#clear();
    this.#gap(damaged);
  }

  #gap(damaged: boolean): void {
    this.#options.gap(damaged);
    this.#stream.gap();
  }

  #clear(): void {
    for (const list of [this.#starts, this.#ends, this.#arrivals]) list.length = 0;
    this.#buffer.clear();
    this.#open = -1;
    this.#scanned = 0;
    this.#mayEnd = -1;
    this.#late = false;
    this.#pictures.restart();
  }

  /** Drops what has been handed on from the buffer. */
  #compact(): void {
    const first = this.#starts[0] ?? (this.#open >= 0 ? this.#open : this.#scanned);
    if (first === 0) return;
    this.#buffer.consume(first);
    for (let i = 0; i < this.#starts.length; i++) {
      this.#starts[i] = (this.#starts[i] ?? 0) - first;
      this.#ends[i] = (this.#ends[i] ?? 0) - first;
    }
    if (this.#open >= 0) this.#open -= first;
    this.#scanned -= first;
  }
}
