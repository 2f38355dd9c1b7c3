/// <reference lib="dom" />
/**
 * A MediaSource that opens on an element while nothing has come for it yet: begun while the connection is, it is
 * there when the first media come. Appends nothing.
 *
 * @module
 */

import type { MediaBuffer } from "./media_buffer.ts";
import { openMediaSource } from "./media_source.ts";

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
   * Gives `buffer` a SourceBuffer for `mime` as soon as there is one.
   * @throws {DOMException} when the browser has none, or the signal's reason.
   */
  async attach(buffer: MediaBuffer, mime: string): Promise<void> {
    this.#buffer = buffer;
    if (!this.#wanted) buffer.hold("yes");
    const source = await this.#source;
    buffer.attach(source.addSourceBuffer(mime), mime);
  }
}
