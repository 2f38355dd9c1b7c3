/**
 * The NAL units of one access unit while its packets come: their bytes in one buffer, bounded. Knows no payload format.
 *
 * @module
 */

import { Growable } from "../bytes/growable.ts";
import { MAX_NAL_UNITS } from "../codecs/nal.ts";

const INITIAL_BYTES = 64 * 1024;
/** A 4K key picture at the worst quality is a few MiB. */
export const MAX_ACCESS_UNIT_BYTES = 16 * 1024 * 1024;

/** An access unit in the making. */
export class AccessUnit {
  readonly #buffer = new Growable(INITIAL_BYTES, MAX_ACCESS_UNIT_BYTES);
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #units: Uint8Array[] = [];
  /** Where the unit in flight starts; -1 while none is. */
  #open = -1;

  /** Whether a unit has begun and not ended. */
  get isOpen(): boolean {
    return this.#open >= 0;
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0 && this.#open < 0;
  }

  /** A whole unit; `false` where there is no room for it. */
  add(unit: Uint8Array): boolean {
    return this.begin() && this.append(unit, 0) && this.end();
  }

  /** A unit begins; `false` where one is in flight, or there are too many. */
  begin(): boolean {
    if (this.#open >= 0 || this.#starts.length >= MAX_NAL_UNITS) return false;
    this.#open = this.#buffer.length;
    return true;
  }

  /** The unit in flight goes on with `bytes` from `start`; `false` where there is none, or no room. */
  append(bytes: Uint8Array, start: number): boolean {
    return this.#open >= 0 && this.#buffer.append(bytes, start, bytes.length);
  }

  /** The unit in flight is whole. */
  end(): boolean {
    if (this.#open < 0) return false;
    this.#starts.push(this.#open);
    this.#ends.push(this.#buffer.length);
    this.#open = -1;
    return true;
  }

  /** The whole units, as views that {@link AccessUnit.clear} and the next unit end. */
  units(): readonly Uint8Array[] {
    const b = this.#buffer.view();
    this.#units.length = 0;
    this.#starts.forEach((start, i) => this.#units.push(b.subarray(start, this.#ends[i])));
    return this.#units;
  }

  clear(): void {
    this.#buffer.clear();
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#open = -1;
  }
}
