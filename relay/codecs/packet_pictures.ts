/**
 * The pictures that came together in a PES packet, or in several that were joined: usually one, passed on as it is. Several
 * are taken apart, each with times of its own. Where packets are cut is `pes_pictures.ts`'s.
 *
 * @module
 */

import { MPEG_TIMESCALE } from "../../shared/units.ts";
import type { AccessUnitTimes, UnitCodec, UnitStream } from "./codec.ts";
import { splitNalUnits } from "./nal.ts";
import { type Pictures, PLACE } from "./pictures.ts";
import { type PictureOrder, ShownTimes } from "./shown_times.ts";

/** Pictures a second where nothing says. */
const USUAL_RATE = 30;
/** first_mb_in_slice is 0, first_slice_segment_in_pic_flag is 1: the bit behind the unit's header. */
const FIRST_SLICE = 0x80;

/** What {@link PacketPictures} is opened with. */
export interface PacketPicturesOptions {
  readonly codec: UnitCodec;
  readonly stream: UnitStream;
  /** Units beyond the most that a picture may have were left out. */
  unreadable(): void;
}

/** Whether a slice is a picture's first. */
export function isFirstSlice(
  unit: Uint8Array,
  { unitHeaderBytes }: Pick<UnitCodec, "unitHeaderBytes">,
): boolean {
  return ((unit[unitHeaderBytes] ?? 0) & FIRST_SLICE) !== 0;
}

/** Follows one elementary stream. Hot: once per packet. */
export class PacketPictures {
  readonly #stream: UnitStream;
  readonly #codec: UnitCodec;
  readonly #unreadable: () => void;
  readonly #pictures: Pictures;
  readonly #units: Uint8Array[] = [];
  /** Packets may hold several pictures: all are followed. */
  #several = false;
  readonly #shown: ShownTimes;
  /** Of the newest picture with a decode time, and how many came with it. */
  #lastDts: number | undefined;
  #lastCount = 1;

  constructor(options: PacketPicturesOptions) {
    this.#codec = options.codec;
    this.#stream = options.stream;
    this.#unreadable = () => options.unreadable();
    this.#pictures = options.codec.pictures();
    this.#shown = new ShownTimes(this.#pictures.orderStep);
  }

  /** Something is missing. */
  gap(): void {
    this.#lastDts = undefined;
    this.#shown.restart();
    this.#stream.gap();
  }

  /** Nothing more will come of what the stream holds. */
  flush(): void {
    this.#stream.flush();
  }

  /** The units of `payload`, lent: one picture or several, of which `times` are the first's. */
  handOn(payload: Uint8Array, times: AccessUnitTimes): void {
    if (!splitNalUnits(payload, this.#units)) this.#unreadable();
    let firstSlices = 0;
    for (const unit of this.#units) {
      if (!this.#codec.isPicture(unit)) this.#pictures.place(unit); // sets are known when they are needed
      else if (isFirstSlice(unit, this.#codec)) firstSlices++;
    }
    this.#several ||= firstSlices > 1;
    if (!this.#several) {
      this.#note(times.dts, 1);
      this.#stream.units(this.#units, times);
    } else {
      this.#takeApart(times);
    }
  }

  /** Two fields of a frame stay together; whole pictures are decoded at the stream's pace. */
  #takeApart(times: AccessUnitTimes): void {
    const pictures = this.#pictures;
    pictures.restart();
    const starts = [0];
    const orders: PictureOrder[] = [];
    let may = -1;
    this.#units.forEach((unit, index) => {
      const { order, sequence } = pictures;
      const place = pictures.place(unit);
      if (place === PLACE.may) {
        if (may < 0) may = index;
      } else if (place === PLACE.begins) {
        orders.push({ order, sequence });
        starts.push(may < 0 ? index : may);
        may = -1;
      } else if (this.#codec.isPicture(unit)) {
        may = -1;
      }
    });
    orders.push({ order: pictures.order, sequence: pictures.sequence });
    pictures.restart();
    const { pts, dts, arrival } = times;
    const step = this.#step(dts);
    this.#note(dts, starts.length);
    const shown = pts === undefined ? [] : this.#shown.place(orders, pts, step);
    const units = [...this.#units];
    starts.forEach((start, count) => {
      this.#stream.units(units.slice(start, starts[count + 1]), {
        pts: shown[count],
        dts: dts === undefined ? undefined : dts + count * step,
        arrival,
      });
    });
  }

  #note(dts: number | undefined, count: number): void {
    if (dts === undefined) return;
    this.#lastDts = dts;
    this.#lastCount = count;
  }

  /** From one picture to the next, 90 kHz. */
  #step(dts: number | undefined): number {
    const since = dts === undefined || this.#lastDts === undefined ? 0 : dts - this.#lastDts;
    if (since > 0) return since / this.#lastCount;
    return MPEG_TIMESCALE / (this.#pictures.frameRate ?? USUAL_RATE);
  }
}
