/**
 * `/ts/{feed}`: an endless body of MPEG-TS. As vw has it, what comes without a pause is one picture and becomes one
 * message; the bytes themselves go to the stream of that name as well, where it is video that the relay knows.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { sendText } from "../visitors.ts";
import type { Exchange } from "./exchange.ts";
import type { FeedStream } from "./feed_stream.ts";

/** vw's: a pause between bytes that says that the picture is whole. */
const PAUSE_MS = 1;
/** vw's: longest message. What is longer becomes several. */
export const MAX_MESSAGE_BYTES = 1_024_000;

/** Gathers what comes without a pause. */
export class Gatherer {
  readonly #take: (message: Bytes) => void;
  #parts: Bytes[] = [];
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(take: (message: Bytes) => void) {
    this.#take = take;
  }

  /** Bytes that nobody else uses. */
  push(bytes: Bytes): void {
    let rest = bytes;
    while (this.#length + rest.length >= MAX_MESSAGE_BYTES) {
      const fits = MAX_MESSAGE_BYTES - this.#length;
      this.#add(rest.subarray(0, fits));
      rest = rest.subarray(fits);
      this.flush();
    }
    this.#add(rest);
    clearTimeout(this.#timer);
    if (this.#length > 0) this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** What is there is a message. */
  flush(): void {
    clearTimeout(this.#timer);
    if (this.#length === 0) return;
    const [first] = this.#parts;
    const message = this.#parts.length === 1 && first ? first : concatBytes(this.#parts);
    this.#parts = [];
    this.#length = 0;
    this.#take(message);
  }

  #add(bytes: Bytes): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}

/** What a body is brought to. */
export interface TsFeedContext {
  readonly exchange: Exchange;
  /** The way to the relay's stream of that name. */
  openStream(feed: string): FeedStream;
}

/** Takes a body until it ends. vw never answers; its senders do not mind that this does. */
export function takeTsBody(
  { request, response, feed }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly feed: string;
  },
  { exchange, openStream }: TsFeedContext,
): void {
  const sender = { name: crypto.randomUUID(), topic: feed };
  const gatherer = new Gatherer((bytes) => exchange.publish(sender, { bytes, isText: false }));
  const stream = openStream(feed);
  request.on("data", (chunk: Uint8Array) => {
    const bytes = new Uint8Array(chunk); // the socket's to use again
    gatherer.push(bytes);
    const room = stream.write(bytes);
    if (!room) return;
    request.pause();
    void room.then(() => request.resume());
  });
  request.on("end", () => sendText(response, 200, ""));
  request.on("error", () => gatherer.flush()); // whoever sent it is gone
  request.on("close", () => {
    gatherer.flush();
    stream.end();
  });
}
