/**
 * What is done when a decoder breaks: after a while the stream is joined again for a new one, which is spared the group
 * that broke two before it, or it is given up. Makes no decoder.
 *
 * @module
 */

import { AvoidedGroup } from "./avoided_group.ts";
import type { MediaInfo } from "./incoming.ts";
import { type Rebuilding, Rebuilds } from "./rebuilds.ts";

/** What a mending is made of. */
export interface MendingOptions {
  /** The stream must be joined again; `reason` is a sentence. */
  readonly rejoin: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** The mending of one stream's decoders, until its signal ends. Times are `performance.now()`. */
export class Mending {
  readonly #options: MendingOptions;
  readonly #rebuilds = new Rebuilds();
  readonly #avoided = new AvoidedGroup();
  #rebuilding: Rebuilding | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The decoder in use has shown live pictures. */
  #worked = false;

  constructor(options: MendingOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** It is waited for; nothing is played meanwhile. */
  get rebuilding(): Rebuilding | undefined {
    return this.#rebuilding;
  }

  /** It is tried no more. */
  get givenUp(): boolean {
    return this.#rebuilds.givenUp;
  }

  /** Times a decoder was made anew. */
  get total(): number {
    return this.#rebuilds.total;
  }

  /** The decoder in use shows live pictures. */
  works(): void {
    this.#worked = true;
  }

  /** Another kind of stream: what failed before says nothing of it. */
  forgive(): void {
    this.#rebuilds.forgive();
  }

  /** Whether what has come is to be kept from the decoder. */
  spares(info: MediaInfo, now: number): boolean {
    return this.#avoided.holds(info, now);
  }

  /** The decoder made at `madeAt`, given what is decoded up to `takenTo` (s), has broken. */
  broke(reason: string, { madeAt, takenTo }: {
    readonly madeAt: number;
    readonly takenTo: number;
  }): void {
    const now = performance.now();
    const worked = this.#worked;
    this.#worked = false;
    this.#rebuilding = this.#rebuilds.broke(reason, { madeAt, now, random: Math.random(), worked });
    this.#avoided.broke(takenTo, now);
    if (this.#rebuilding === undefined) return;
    this.#timer = setTimeout(() => {
      this.#rebuilding = undefined;
      this.#options.rejoin(reason);
    }, this.#rebuilding.retryAt - now);
  }
}
