/**
 * A group's bytes, cut anywhere, as messages of whole fragments (`[prft] moof mdat`): all that a chunk completes make
 * one message, as they would on a WebSocket. Knows where boxes end, and nothing of what is in them.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { BoxSplitter } from "../../../shared/mp4/box_splitter.ts";

/** Puts fragments together. */
export class FragmentCutter {
  readonly #splitter = new BoxSplitter();
  /** Boxes of a fragment whose media are to come. */
  #begun: Bytes[] = [];

  /**
   * Takes a chunk; answers the fragments that it completes, or nothing.
   * @throws {BoxError} when the bytes are no boxes.
   */
  push(chunk: Bytes): Bytes | undefined {
    let whole: Bytes[] = [];
    this.#splitter.push(chunk, (box, type) => {
      this.#begun.push(box);
      if (type !== "mdat") return;
      whole = whole.concat(this.#begun);
      this.#begun = [];
    });
    return whole.length === 0 ? undefined : concatBytes(whole);
  }
}
