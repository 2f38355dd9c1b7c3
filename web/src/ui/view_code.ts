/**
 * The code of a view, which comes with its first use. A page that is older than its relay asks for what is there no
 * more: it is loaded anew then, as soon as the relay answers. Draws nothing.
 *
 * @module
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";

const ASK_EVERY_MS = 3_000;
/** What did not come with a page that had only just been loaded comes no sooner by hurry. */
const PATIENCE_MS = 10_000;
/** Of a proxy whose relay is gone. */
const GATEWAY_ERRORS = 500;
const ANSWER_WITHIN_MS = 6_000;

/** Brings the code of one view after the other for the element it is given. */
export class ViewCode implements ReactiveController {
  #host: ReactiveControllerHost;
  #missing = false;
  #views = 0;
  #timer: number | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The view that is wanted cannot be shown. */
  get missing(): boolean {
    return this.#missing;
  }

  /** The view whose code `load` brings is wanted now; without it, one that needs none. */
  want(load: (() => Promise<unknown>) | undefined): void {
    this.#views += 1;
    this.#missing = false;
    clearTimeout(this.#timer);
    if (load) void this.#bring(load, this.#views);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }

  async #bring(load: () => Promise<unknown>, view: number): Promise<void> {
    try {
      await load();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      reportError(error); // should it be the code's own
      if (view !== this.#views) return;
      this.#missing = true;
      this.#host.requestUpdate();
      this.#timer = setTimeout(() => void this.#loadAnew(view), view > 1 ? 0 : PATIENCE_MS);
    }
  }

  async #loadAnew(view: number): Promise<void> {
    const answers = await doesAnswer();
    if (view !== this.#views) return;
    if (answers) location.reload();
    else this.#timer = setTimeout(() => void this.#loadAnew(view), ASK_EVERY_MS);
  }
}

async function doesAnswer(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", signal });
    return answer.status < GATEWAY_ERRORS;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
