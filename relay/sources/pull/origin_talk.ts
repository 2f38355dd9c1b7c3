/**
 * How a relay finds out what the clock says of one that sends it fragments (contract §5): pings while they come, and the
 * first bytes of a generation held for the first answer, so that their clock is told with them. Knows no connection.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { encodeMessage } from "../../../shared/control.ts";
import type { OriginEstimate } from "../source.ts";
import { monotonicNow, OriginEstimator } from "./origin_estimate.ts";

/** A generation's first bytes wait so long at most. */
const CLOCK_PATIENCE_MS = 250;
/** They are let go sooner when they are so many. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** Pings of a generation follow each other so: the first ones quickly, to find a quick one among them. */
const FIRST_PINGS_MS = [250, 250, 250];
const PING_MS = 2_500;
/** Questions whose answers are waited for. */
const MAX_ASKED = 8;

/** What a talk needs of its connection, and gives. */
export interface OriginTalkOptions {
  /** Sends a text message, if that can be done. */
  say(text: string): void;
  /** Bytes that need not wait any more. */
  give(bytes: Bytes): void;
  found(estimate: OriginEstimate): void;
}

/** One connection's. Hot: {@link OriginTalk.media} runs once per message. */
export class OriginTalk implements Disposable {
  readonly #options: OriginTalkOptions;
  /** A generation's first bytes, while its clock is asked for. */
  #held: Bytes[] | undefined;
  #heldBytes = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #generation = 0;
  #origin: OriginEstimator | undefined;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #pings = 0;
  /** When each question was asked. */
  readonly #asked = new Map<number | string, number>();

  constructor(options: OriginTalkOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#ping);
  }

  /** Whether anything has been asked. */
  get asks(): boolean {
    return this.#ping !== undefined;
  }

  /** A generation follows. @param theirError how far the other relay's own estimate may be off, µs. */
  begin(generation: number, theirError: number): void {
    this.release();
    this.#generation = generation;
    this.#origin = new OriginEstimator(theirError);
    this.#held = [];
    this.#patience = setTimeout(() => this.release(), CLOCK_PATIENCE_MS);
    this.#pings = 0;
    this.#asked.clear();
    this.ask();
  }

  /** Bytes as they came; theirs who gave them no more. */
  media(bytes: Bytes): void {
    if (this.#held === undefined) return this.#options.give(bytes);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.release();
  }

  /** Asks now, and again and again. */
  ask(): void {
    clearTimeout(this.#ping);
    this.#ping = setTimeout(() => this.ask(), FIRST_PINGS_MS[this.#pings] ?? PING_MS);
    const id = `${this.#generation}.${this.#pings++}`;
    this.#asked.set(id, monotonicNow());
    for (const old of this.#asked.keys()) {
      if (this.#asked.size <= MAX_ASKED) break;
      this.#asked.delete(old);
    }
    this.#options.say(encodeMessage({ type: "ping", id }));
  }

  /** An answer came. @param their what it says, µs. */
  answered(id: number | string, their: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined || this.#origin === undefined) return;
    const came = monotonicNow();
    this.#origin.take(their, { asked, came });
    const estimate = this.#origin.estimate(came);
    if (estimate) this.#options.found(estimate);
    this.release();
  }

  /** What was held waits no more. */
  release(): void {
    clearTimeout(this.#patience);
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    for (const bytes of held) this.#options.give(bytes);
  }
}
