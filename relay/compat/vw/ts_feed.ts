/**
 * `/ts/{feed}`: an endless body of MPEG-TS. As vw has it, what comes without a pause is one picture and becomes one
 * message; the bytes themselves go to the stream of that name as well, where it is video that the relay knows.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Bytes } from "../../../shared/bytes.ts";
import { Growable } from "../../bytes/growable.ts";
import { sendText } from "../visitors.ts";
import type { Exchange } from "./exchange.ts";
import type { FeedStream } from "./feed_stream.ts";

/** vw's: a pause between bytes that says that the picture is whole. */
const PAUSE_MS = 1;
/** vw's: longest message. What is longer becomes several. */
export const MAX_MESSAGE_BYTES = 1_024_000;

/** Room for a message; larger ones make more. */
const ROOM_BYTES = 16 * 1024;

/** Gathers what comes without a pause, however small its pieces. */
export class Gatherer {
  readonly #take: (message: Bytes) => void;
  readonly #held = new Growable(ROOM_BYTES, MAX_MESSAGE_BYTES);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(take: (message: Bytes) => void) {
    this.#take = take;
  }

  /** Bytes, which are copied. */
  push(bytes: Uint8Array): void {
    const held = this.#held;
    let at = 0;
    while (held.length + bytes.length - at >= MAX_MESSAGE_BYTES) {
      const end = at + MAX_MESSAGE_BYTES - held.length;
      held.append(bytes, at, end);
      at = end;
      this.flush();
    }
    held.append(bytes, at, bytes.length);
    clearTimeout(this.#timer);
    if (held.length > 0) this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** What is there is a message. */
  flush(): void {
    clearTimeout(this.#timer);
    if (this.#held.length === 0) return;
    const message = this.#held.view().slice(); // its takers keep it
    this.#held.clear();
    this.#take(message);
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
    gatherer.push(chunk);
    const room = stream.write(new Uint8Array(chunk)); // the socket's to use again
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
