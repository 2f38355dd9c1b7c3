/**
 * What a delivery is: one way for a stream's fragments out of the relay. It has routes of its own below a
 * stream's URL and makes sinks; it never muxes and never copies for one viewer.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Bytes } from "../../shared/bytes.ts";
import type { Hub } from "../hub/hub.ts";

/** A stream as deliveries see it. */
export interface Stream {
  readonly name: string;
  readonly hub: Hub;
  /** The source's own bytes as they come, where there are any; they cross only while somebody subscribes. */
  readonly raw?: { subscribe(take: (bytes: Bytes) => void): Disposable } | undefined;
  /** Why nothing comes, as a sentence; `undefined` while it runs or starts. */
  readonly offline: string | undefined;
}

/** A plain request for `/live/{name}/{resource}`, or for a file in the delivery's folder. */
export interface DeliveryRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stream: Stream;
  /** Of `/live/{name}/{folder}/{file}`. */
  readonly file?: string;
}

/** A request to upgrade `/live/{name}/{resource}`; `stream` is undefined when there is none of that name. */
export interface DeliveryUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly name: string;
  readonly stream: Stream | undefined;
  /** The same stream with its sound in AAC, for clients that cannot play Opus. */
  inAac(): Stream | undefined;
}

/** One way out. */
export interface Delivery {
  /** The word after the stream's name in the URL. */
  readonly resource: string;
  /** A word below which it has many files, `/live/{name}/{folder}/{file}`; one of `FOLDERS`. */
  readonly folder?: string;
  /** Answers GET and HEAD. */
  request?(what: DeliveryRequest): void;
  /** Takes over an upgraded connection. */
  upgrade?(what: DeliveryUpgrade): void;
  /** Ends every session with a reason, because the relay stops. */
  close?(reason: string): void;
}
