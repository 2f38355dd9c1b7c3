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
  /** Of the last press: not every browser says it of a click. */
  #pointerType = "mouse";

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

  /** A pointer has moved; a finger says what it wants by its tap. */
  moved({ pointerType }: PointerEvent): void {
    if (pointerType === "mouse") this.wake();
  }

  /** A pointer is elsewhere now. */
  left({ pointerType }: PointerEvent): void {
    if (pointerType === "mouse") this.rest();
  }

  /** A press begins; its click follows. */
  pressed({ pointerType }: PointerEvent): void {
    this.#pointerType = pointerType;
  }

  /** A tap brings the bar or sends it away. On the click, which comes last: a bar that came sooner would be under it. */
  clicked(): void {
    if (this.#pointerType === "mouse") return;
    if (this.#present) this.rest();
    else this.wake();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
