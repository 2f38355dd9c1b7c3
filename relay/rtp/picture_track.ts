/**
 * One track's pictures: packets in order to access units. A time stamp is one access unit, the marker its end
 * (RFC 6184 §5.1). Loss costs the access unit that it fell into and no other.
 *
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import type { UnitStream } from "../codecs/codec.ts";
import { AccessUnit } from "./access_unit.ts";
import type { MediaClock } from "./media_clock.ts";
import type { RtpPacket } from "./packet.ts";
import type { UnitPayload } from "./unit_payload.ts";

/** What a picture track is opened with. */
export interface PictureTrackOptions {
  readonly payload: UnitPayload;
  readonly clock: MediaClock;
  readonly stream: UnitStream;
  /** Parameter sets that come before the first packet. */
  readonly sets: readonly Uint8Array[];
  /** Part of the track is missing. `damaged`: an access unit was thrown away. */
  gap(damaged: boolean): void;
  unreadable(): void;
}

/** Reads one track. Hot: once per packet. */
export class PictureTrack {
  readonly #options: PictureTrackOptions;
  readonly #unit = new AccessUnit();
  #timestamp: number | undefined;
  #arrival = 0 as Micros;
  /** Part of the access unit in flight is missing: the rest of it is thrown away. */
  #poisoned = false;
  /** Packets are missing before the next one. */
  #torn = false;
  /** The sender marks the ends of its access units. */
  #marks = false;
  #setsGiven = false;

  constructor(options: PictureTrackOptions) {
    this.#options = options;
  }

  /** Whether {@link PictureTrack.flush} would let go of anything. */
  get waiting(): boolean {
    return !this.#marks && !this.#unit.isEmpty && !this.#unit.isOpen && !this.#poisoned;
  }

  packet(packet: RtpPacket, arrival: Micros): void {
    const { timestamp, payload, marker } = packet;
    if (payload.length === 0) return;
    if (timestamp !== this.#timestamp) {
      this.#finish();
      this.#timestamp = timestamp;
      this.#arrival = arrival;
      if (this.#torn && !this.#options.payload.begins(payload)) this.#poison();
    }
    this.#torn = false;
    if (!this.#poisoned && !this.#options.payload.read(payload, this.#unit)) {
      this.#options.unreadable();
      this.#poison();
    }
    if (!marker) return;
    this.#marks = true;
    this.#finish();
    this.#timestamp = undefined;
  }

  /** Packets are missing. */
  lost(): void {
    if (this.#timestamp !== undefined) {
      // What follows may be the rest of this picture, or another that is whole.
      if (!this.#poisoned) this.#poison();
    } else {
      this.#options.gap(false);
      this.#options.stream.gap();
    }
    this.#torn = true;
  }

  /** What is in flight and whole goes on. */
  flush(): void {
    this.#finish();
    this.#timestamp = undefined;
  }

  /** What follows does not continue what came. */
  restart(): void {
    this.#unit.clear();
    this.#poisoned = false;
    this.#timestamp = undefined;
    this.#options.clock.restart();
    this.#options.gap(false);
    this.#options.stream.gap();
  }

  #poison(): void {
    this.#poisoned = true;
    this.#unit.clear();
    this.#options.gap(true);
    this.#options.stream.gap();
  }

  #finish(): void {
    if (this.#timestamp !== undefined && !this.#poisoned && !this.#unit.isEmpty) {
      if (this.#unit.isOpen) this.#poison(); // its end never came
      else this.#emit(this.#timestamp);
    }
    this.#unit.clear();
    this.#poisoned = false;
  }

  #emit(timestamp: number): void {
    const { sets, stream, clock } = this.#options;
    const time = clock.place(timestamp, this.#arrival);
    let units = this.#unit.units();
    if (!this.#setsGiven) units = [...sets, ...units];
    this.#setsGiven = true;
    // RTP says only when a picture is shown; senders of live pictures do not reorder them.
    stream.units(units, { pts: time, dts: time, arrival: this.#arrival });
  }
}
