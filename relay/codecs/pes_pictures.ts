/**
 * Pictures out of PES packets (ISO/IEC 13818-1 §2.4.3.7): usually one in each, handed on at once. One that is spread
 * over several packets is joined, also where packets begin in the middle of one: a time stamp belongs to the first that
 * begins in its packet. Several in one are taken apart by `packet_pictures.ts`. Reads no more than where one begins.
 *
 * Whether a packet will be continued shows only in the next one. It is waited for where the packet is as long as the
 * longest that can state its length, or as one that was continued before, until {@link PATIENCE} in a row were waited
 * for in vain; of the first that was not expected, what is missing is counted, as after any loss.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { AccessUnitTimes, ElementaryStream, UnitCodec } from "./codec.ts";
import { isFirstSlice, PacketPictures, type PacketPicturesOptions } from "./packet_pictures.ts";
import { PictureStarts } from "./picture_starts.ts";
import { START_CODE_BYTES } from "./start_codes.ts";

/** As an access unit of the transport stream's reader. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
/** PES_packet_length has 16 bits: a picture that did not fit ends near there, less the header. */
const LONGEST_STATED = { min: 65_000, max: 65_535 };
/** Packets waited for in vain: the one that was continued was a damaged one. */
export const PATIENCE = 8;

/** What {@link PesPictures} is opened with. */
export interface PesPicturesOptions extends PacketPicturesOptions {
  /** Bytes came for a picture that was handed on without them. */
  lateTail(bytes: number): void;
  /** A picture is larger than any may be, and was thrown away. */
  damaged(): void;
}

/** Follows one elementary stream. Hot: once per PES packet. */
export class PesPictures implements ElementaryStream {
  readonly #options: PesPicturesOptions;
  readonly #codec: UnitCodec;
  readonly #out: PacketPictures;
  /** What may be continued. */
  readonly #held = new Growable(0, MAX_PICTURE_BYTES);
  #heldTimes: AccessUnitTimes | undefined;
  /** Payload of the newest packet, and of the shortest that was continued. */
  #lastBytes = 0;
  #shortestSplit = Infinity;
  /** Packets that were waited for since the last that was continued. */
  #inVain = 0;
  /** Time stamp of the newest picture: some muxers repeat it with each piece. */
  #lastPts: number | undefined;
  /** Nothing has come yet, or something is missing: what continues nothing is left out. */
  #torn = true;
  /** Packets begin and end anywhere, not with pictures. */
  #cutAnywhere = false;
  /** Then: packets in a row that began with a picture all the same. */
  #aligned = 0;
  /** Then: where pictures begin. */
  readonly #starts: PictureStarts;

  constructor(options: PesPicturesOptions) {
    this.#options = options;
    this.#codec = options.codec;
    this.#out = new PacketPictures(options);
    this.#starts = new PictureStarts(options.codec);
  }

  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void {
    if (this.#cutAnywhere) this.#judgeCuts(payload);
    const isTimed = pts !== undefined && pts !== this.#lastPts;
    if (this.#cutAnywhere) {
      return this.#follow(payload, isTimed ? { pts, dts, arrival } : undefined);
    }
    if (!isTimed && !this.#begins(payload)) return this.#continue(payload);
    if (!isTimed || unitIn(payload) > 0) return this.#begin(payload, { pts, dts, arrival });
    this.#cutAnywhere = true;
    this.#starts.restart();
    this.#follow(payload, { pts, dts, arrival });
  }

  #begin(payload: Uint8Array, times: AccessUnitTimes): void {
    this.#release();
    this.#torn = false;
    this.#lastPts = times.pts;
    this.#lastBytes = payload.length;
    if (!this.#mayBeContinued(payload.length) || !this.#held.append(payload, 0, payload.length)) {
      this.#out.handOn(payload, times);
    } else {
      this.#heldTimes = times;
    }
  }

  /** That packets are cut anywhere is believed no more after so many that begin with pictures. */
  #judgeCuts(payload: Uint8Array): void {
    this.#aligned = this.#begins(payload) ? this.#aligned + 1 : 0;
    if (this.#aligned < PATIENCE) return;
    this.#cutAnywhere = false;
    this.#shortestSplit = Infinity;
    if (!this.waiting) this.#held.clear();
  }

  /**
   * A packet of those that are cut anywhere. All is held until the next picture with a time of its own: that is the first
   * to begin in a packet that has one, a picture's first byte being the first of its first start code.
   * @param times none where they are those of the packet before.
   */
  #follow(payload: Uint8Array, times: AccessUnitTimes | undefined): void {
    const held = this.#held;
    const from = held.length;
    if (!held.append(payload, 0, payload.length)) {
      this.gap();
      return this.#options.damaged();
    }
    let untold = times;
    for (let at = this.#starts.next(held.view()); at >= 0; at = this.#starts.next(held.view())) {
      if (untold === undefined || at < from) continue;
      this.#handOnHeld(at);
      this.#heldTimes = untold;
      this.#lastPts = untold.pts;
      this.#torn = false;
      untold = undefined;
    }
    if (this.#heldTimes === undefined) this.#handOnHeld(this.#starts.seen);
  }

  /** The first `count` bytes that are held are one picture and all that came with it, or belong to none. */
  #handOnHeld(count: number): void {
    const bytes = this.#held.view().subarray(0, count);
    if (this.#heldTimes) this.#out.handOn(bytes, this.#heldTimes);
    else if (!this.#torn && bytes.some((byte) => byte !== 0)) this.#missed(count);
    this.#heldTimes = undefined;
    this.#held.consume(count);
    this.#starts.consume(count);
  }

  /** Bytes came of a picture that was handed on without them. */
  #missed(bytes: number): void {
    this.#options.lateTail(bytes);
    this.#torn = true;
    this.#out.gap();
  }

  gap(): void {
    this.#held.clear();
    this.#heldTimes = undefined;
    this.#torn = true;
    this.#starts.restart();
    this.#out.gap();
  }

  /** No more will come of what is held. */
  flush(): void {
    this.#release();
    this.#out.flush();
  }

  /** Whether a picture is held that may be whole. */
  get waiting(): boolean {
    return this.#heldTimes !== undefined;
  }

  #mayBeContinued(bytes: number): boolean {
    return bytes >= this.#shortestSplit ||
      (bytes >= LONGEST_STATED.min && bytes <= LONGEST_STATED.max);
  }

  #continue(payload: Uint8Array): void {
    if (this.#torn) return;
    this.#inVain = 0;
    this.#shortestSplit = Math.min(this.#shortestSplit, this.#lastBytes);
    this.#lastBytes = payload.length;
    if (this.#heldTimes === undefined) {
      this.#options.lateTail(payload.length);
      this.gap();
    } else if (!this.#held.append(payload, 0, payload.length)) {
      this.gap();
      this.#options.damaged();
    } else if (!this.#mayBeContinued(payload.length)) {
      this.#release();
    }
  }

  /** Whether a packet begins with a unit that begins a picture, and so is no piece whatever its time stamp. */
  #begins(payload: Uint8Array): boolean {
    const at = unitIn(payload);
    if (at === 0) return false;
    const unit = payload.subarray(at);
    return !this.#codec.isPicture(unit) || isFirstSlice(unit, this.#codec);
  }

  #release(): void {
    const times = this.#heldTimes;
    if (!times) return;
    this.#heldTimes = undefined;
    if (this.#held.length === this.#lastBytes && ++this.#inVain >= PATIENCE) {
      this.#shortestSplit = Infinity;
    }
    this.#out.handOn(this.#held.view(), times);
    this.#starts.consume(this.#held.length);
    this.#held.clear();
  }
}

/** Where a packet's first unit stands behind the start code that it begins with; 0 where it begins with none. */
function unitIn(payload: Uint8Array): number {
  let at = 0;
  while (payload[at] === 0) at++;
  return at >= START_CODE_BYTES - 1 && payload[at] === 1 ? at + 1 : 0;
}
