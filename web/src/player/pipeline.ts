/// <reference lib="dom" />
/**
 * One MediaSource on a `<video>` with the buffer that is filled for it, from its opening to its end. Made anew as a whole;
 * decides nothing.
 *
 * @module
 */

import { type BufferOwner, MediaBuffer } from "./media_buffer.ts";
import type { Attaching, Opening } from "./opening.ts";

/** Whoever a pipeline is for. */
export interface PipelineOwner extends BufferOwner {
  /** The silence beside cannot be, or cannot go on; `reason` is a sentence. */
  silenceBroke(reason: string): void;
}

/** What a pipeline is made of. */
export interface PipelineOptions {
  readonly owner: PipelineOwner;
  /** The type of what is played. */
  readonly mime: string;
  /** The kinds of its tracks, which one SourceBuffer keeps for life (Media Source Extensions §3.5.7, step 3). */
  readonly kinds: string;
  /** The type of the silence that is to lie beside it, if any. */
  readonly silence: string | undefined;
}

/** See above. */
export class Pipeline {
  readonly buffer: MediaBuffer;
  readonly kinds: string;
  readonly silence: string | undefined;
  /** `performance.now()`. */
  readonly madeAt = performance.now();
  readonly #opening: Opening;
  readonly #owner: BufferOwner;

  /** What `opening` opens is this pipeline's from now on. */
  constructor(opening: Opening, { owner, mime, kinds, silence }: PipelineOptions) {
    this.#opening = opening;
    this.#owner = owner;
    this.kinds = kinds;
    this.silence = silence;
    this.buffer = new MediaBuffer(owner, opening.stop.signal);
    void this.#attach({ mime, silence, broke: (reason) => owner.silenceBroke(reason) });
  }

  /** Lets go of source, decoder and element. */
  stop(): void {
    this.#opening.stop.abort();
  }

  async #attach(attaching: Attaching): Promise<void> {
    try {
      await this.#opening.attach(this.buffer, attaching);
    } catch (error) {
      if (this.#opening.stop.signal.aborted) return;
      if (!(error instanceof DOMException)) throw error;
      this.#owner.bufferBroke(`The browser could not prepare for playing (${error.message}).`);
    }
  }
}
