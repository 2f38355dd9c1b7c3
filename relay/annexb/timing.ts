/**
 * Gives the access units of a byte stream their times and hands them on. A camera's pictures are decoded when they
 * came, evened out, or were taken where that is known; a file's follow each other at the rate that the stream states, at 25 a second where it states
 * none. They are shown by their order count: a camera that sends no picture out of order without delay, and the first
 * that is out of order sets the delay; a file is looked into beforehand, as far as {@link MAX_LOOKED_INTO} pictures.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import type { UnitStream } from "../codecs/codec.ts";
import { ArrivalClock, CaptureClock, type DecodeClock, RateClock } from "./clock.ts";
import { type OrderedPicture, Presentation } from "./presentation.ts";

/** Pictures of a file that are held until their order is known. */
export const MAX_LOOKED_INTO = 32;
const MAX_LOOKED_INTO_BYTES = 64 * 1024 * 1024;

/** What is known of an access unit besides its units. */
export interface PictureFacts extends OrderedPicture {
  readonly arrival: Micros;
  /** As the stream states them. */
  readonly reorder: number | undefined;
  readonly frameRate: number | undefined;
}

interface HeldPicture {
  /** Copies. */
  readonly units: readonly Uint8Array[];
  readonly facts: PictureFacts;
}

/** Times one stream. Hot: once per picture. */
export class Timing {
  readonly #stream: UnitStream;
  readonly #clock: DecodeClock;
  readonly #presentation: Presentation;
  /** Of a file, until the order of its pictures is known. */
  #held: HeldPicture[] | undefined;
  #heldBytes = 0;

  /** @param options.orderStep usual step of the order count from one picture to the next. */
  constructor(
    stream: UnitStream,
    { clock, orderStep }: {
      readonly clock: "arrival" | "capture" | "rate";
      readonly orderStep: number;
    },
  ) {
    this.#stream = stream;
    this.#clock = newClock(clock);
    this.#presentation = new Presentation(orderStep);
    if (clock === "rate") this.#held = [];
  }

  /** An access unit; its units are lent. */
  picture(units: readonly Uint8Array[], facts: PictureFacts): void {
    if (!this.#held) {
      this.#handOn(units, facts);
      return;
    }
    const copies = units.map((unit) => unit.slice());
    for (const unit of copies) this.#heldBytes += unit.length;
    this.#held.push({ units: copies, facts });
    if (this.#held.length >= MAX_LOOKED_INTO || this.#heldBytes >= MAX_LOOKED_INTO_BYTES) {
      this.release();
    }
  }

  /** Whatever is held goes on: no more will come. */
  release(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    const stated = held.find(({ facts }) => facts.reorder !== undefined)?.facts.reorder;
    this.#presentation.settle(held.map(({ facts }) => facts), stated);
    for (const { units, facts } of held) this.#handOn(units, facts);
  }

  #handOn(units: readonly Uint8Array[], facts: PictureFacts): void {
    const dts = this.#clock.next(facts.arrival, facts.frameRate);
    const wait = this.#presentation.place(facts, facts.reorder);
    this.#stream.units(units, {
      dts,
      pts: dts + wait * this.#clock.step,
      arrival: facts.arrival,
    });
  }
}

function newClock(clock: "arrival" | "capture" | "rate"): DecodeClock {
  switch (clock) {
    case "arrival":
      return new ArrivalClock();
    case "capture":
      return new CaptureClock();
    case "rate":
      return new RateClock();
  }
}
