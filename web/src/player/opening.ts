/// <reference lib="dom" />
/**
 * A MediaSource that opens on an element while nothing has come for it yet: begun while the connection is, it is
 * there when the first media come. Appends nothing.
 *
 * @module
 */

import type { MediaBuffer } from "./media_buffer.ts";
import { openMediaSource } from "./media_source.ts";
import { Silence } from "./silence.ts";

/** One source on its way to a buffer. */
export class Opening {
  /** Lets go of the source and the element. */
  readonly stop = new AbortController();
  readonly #source: Promise<MediaSource>;
  /** A ManagedMediaSource may want no more before it is fed. */
  #wanted = true;
  #buffer: MediaBuffer | undefined;

  constructor(video: HTMLVideoElement) {
    this.#source = openMediaSource(video, {
      signal: this.stop.signal,
      streaming: (wanted) => {
        this.#wanted = wanted;
        this.#buffer?.hold(wanted ? "no" : "yes");
      },
    });
    void Promise.allSettled([this.#source]); // that it failed is told to whoever waits; nobody may
  }

  /**
   * Gives `buffer` a SourceBuffer for `mime` as soon as there is one, and one for `silence` beside it.
   * @throws {DOMException} when the browser has none, or the signal's reason.
   */
  async attach(
    buffer: MediaBuffer,
    { mime, silence }: { readonly mime: string; readonly silence: string | undefined },
  ): Promise<void> {
    this.#buffer = buffer;
    if (!this.#wanted) buffer.hold("yes");
    const source = await this.#source;
    const pictures = source.addSourceBuffer(mime);
    // Both are to be there before either is given anything (Media Source Extensions §3.15.1).
    const quiet = silence === undefined ? undefined : source.addSourceBuffer(silence);
    const beside = quiet && new Silence(quiet, this.stop.signal);
    buffer.attach(pictures, { mime, beside });
  }
}
