/**
 * What a listener hears of a state that changes: nothing of one that is over at once, nothing twice. The
 * element shows {@link Announcer.text} in a live region.
 *
 * @module
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A state shorter than this is not spoken of. */
const SETTLED_AFTER_MS = 700;

/** Asks its element to draw when there is something to say. */
export class Announcer implements ReactiveController {
  #host: ReactiveControllerHost;
  #text = "";
  #coming = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** What is to be said now. */
  get text(): string {
    return this.#text;
  }

  /** Says `text` if nothing else comes at once; an empty one only withdraws what was about to be said. */
  say(text: string): void {
    if (text === this.#coming) return;
    this.#coming = text;
    clearTimeout(this.#timer);
    if (text === "") return;
    this.#timer = setTimeout(() => {
      this.#text = text;
      this.#host.requestUpdate();
    }, SETTLED_AFTER_MS);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
