/**
 * How a stream reaches the page: the interface every transport has. Bytes are passed on as they came:
 * a transport knows where a message ends, and nothing of what is in it.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { ClientMessage, ServerMessage } from "../../../shared/control.ts";

/**
 * Takes what arrives, in order. Called directly from the network event, because a queue here would need
 * a bound and a policy of its own; both are in `player/media_buffer.ts` already.
 */
export interface Receiver {
  /** An init segment, or one or more whole fragments (contract §5). */
  media(bytes: Bytes): void;
  control(message: ServerMessage): void;
}

/** Why a connection is over. */
export interface Closure {
  /** As in `shared/control.ts`; 1000 when this side ended it, 1006 when the network did. */
  readonly code: number;
  /** What the other side said; often empty. */
  readonly reason: string;
  /** What the browser says of it, in its own words; for whoever looks for the cause. */
  readonly cause?: string;
}

/** An open way to one stream. It ends with the signal it was opened with. */
export interface Connection {
  /** Does nothing once the connection is over. */
  send(message: ClientMessage): void;
  /** As long nothing may come though all is well, ms; not set where pings are answered. */
  readonly quietMs?: number;
  /** Fulfilled when it is over, whoever ended it; never rejected. */
  readonly closed: Promise<Closure>;
}

/** What a transport needs in order to open. */
export interface OpenOptions {
  readonly receiver: Receiver;
  /** Ends the attempt, or the connection; the receiver is not called afterwards. */
  readonly signal: AbortSignal;
}

/** One way of carrying a stream. */
export interface Transport {
  /** Whether this browser can do it at all. */
  supported(): boolean;
  /**
   * Connects to the stream at `url` (`https://host/…/live/{name}`).
   * @throws {TransportError} when no connection comes about.
   * @throws the signal's reason when it is aborted first.
   */
  open(url: string, options: OpenOptions): Promise<Connection>;
}

/** No connection came about; the message is a sentence for the viewer. */
export class TransportError extends Error {
  override readonly name = "TransportError";
}
