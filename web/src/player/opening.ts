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

/** What a source is attached for. */
export interface Attaching {
  /** The type of what is played. */
  readonly mime: string;
  /** The type of the silence that is to lie beside it, if any. */
  readonly silence: string | undefined;
  /** That silence cannot be, or cannot go on; `reason` is a sentence. */
  readonly broke: (reason: string) => void;
}

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
   * Gives `buffer` a SourceBuffer for `mime` as soon as there is one, with `silence` beside it where that is a type.
   * @throws {DOMException} when the browser has none, or the signal's reason.
   */
  async attach(buffer: MediaBuffer, { mime, silence, broke }: Attaching): Promise<void> {
    this.#buffer = buffer;
    if (!this.#wanted) buffer.hold("yes");
    const source = await this.#source;
    const pictures = source.addSourceBuffer(mime);
    // Before either is given anything: afterwards a browser may take no other (`addSourceBuffer`).
    const beside = silence === undefined ? undefined : this.#silence(source, { silence, broke });
    if (!this.stop.signal.aborted) buffer.attach(pictures, { mime, beside });
  }

  #silence(
    source: MediaSource,
    { silence, broke }: { readonly silence: string; readonly broke: (reason: string) => void },
  ): Silence | undefined {
    try {
      return new Silence(source.addSourceBuffer(silence), { broke, signal: this.stop.signal });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      broke(`The browser took no silence (${error.message}).`);
      return undefined;
    }
  }
}
