/**
 * Whether somebody is at it: true from each pointer move, tap or key until a while after. For bars that
 * get out of the way. Listens to nothing by itself.
 *
 * @module
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";

const LINGER_MS = 2800;

/** Asks its element to draw when it changes. */
export class Activity implements ReactiveController {
  #host: ReactiveControllerHost;
  #present = true;
  #timer: number | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get present(): boolean {
    return this.#present;
  }

  /** Somebody did something. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.rest(), LINGER_MS);
    if (!this.#present) {
      this.#present = true;
      this.#host.requestUpdate();
    }
  }

  /** Somebody has gone. */
  rest(): void {
    clearTimeout(this.#timer);
    if (this.#present) {
      this.#present = false;
      this.#host.requestUpdate();
    }
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
