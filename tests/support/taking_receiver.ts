/**
 * A receiver that keeps all that a transport hands it.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { ServerMessage } from "../../shared/control.ts";
import type { Receiver } from "../../web/src/transports/transport.ts";

/** See above. */
export class TakingReceiver implements Receiver {
  readonly messages: Bytes[] = [];
  readonly said: ServerMessage[] = [];

  media(bytes: Bytes): void {
    this.messages.push(bytes);
  }

  control(message: ServerMessage): void {
    this.said.push(message);
  }

  /** All media, one behind the other. */
  get bytes(): Bytes {
    return concatBytes(this.messages);
  }

  /** How many bytes that is. */
  get length(): number {
    return this.messages.reduce((sum, { length }) => sum + length, 0);
  }
}
