/**
 * What is amiss with a stream that goes on: one sentence for each aspect, until it is over. Says nothing to anybody itself.
 *
 * @module
 */

import type { Aspect } from "../sources/source.ts";

/** Of one stream. */
export class Warnings {
  readonly #sentences = new Map<Aspect, string>();

  /** As they are now. */
  get sentences(): readonly string[] {
    return [...this.#sentences.values()];
  }

  /** Something is amiss, or, without a sentence, is over. @returns whether the sentence is news. */
  set(about: Aspect, sentence: string | undefined): sentence is string {
    const known = this.#sentences.get(about);
    if (sentence === undefined) this.#sentences.delete(about);
    else this.#sentences.set(about, sentence);
    return sentence !== undefined && sentence !== known;
  }

  /** All is over. */
  clear(): void {
    this.#sentences.clear();
  }
}
