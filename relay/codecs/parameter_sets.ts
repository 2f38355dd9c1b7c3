/**
 * Parameter sets of one kind in force, by their id (Rec. ITU-T H.264 §7.4.1.2.1, H.265 §7.4.2.4). Knows none of
 * their fields.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";

/** No camera's parameter set is longer; what says it is one and is longer is not looked at. */
export const MAX_PARAMETER_SET_BYTES = 4096;

/** Keeps copies, since units are lent. */
export class ParameterSets {
  readonly #sets = new Map<number, Bytes>();
  readonly #max: number;

  /** @param max most that are kept: more in force at once is no camera's doing. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Takes note of a set; `true` when it is new or differs from the one with its id. */
  update(id: number, unit: Uint8Array): boolean {
    const known = this.#sets.get(id);
    if (known && equalBytes(known, unit)) return false;
    if (!known && this.#sets.size >= this.#max) return false;
    this.#sets.set(id, unit.slice());
    return true;
  }

  /** Whether this very set is in force. */
  has(unit: Uint8Array): boolean {
    for (const known of this.#sets.values()) if (equalBytes(known, unit)) return true;
    return false;
  }

  /** In ascending order of their ids. */
  list(): Bytes[] {
    return [...this.#sets].sort(([a], [b]) => a - b).map(([, unit]) => unit);
  }

  /** Whether there is none. */
  get empty(): boolean {
    return this.#sets.size === 0;
  }
}
