/**
 * One viewer of gopro-stream's: a message that begins with a key picture begins with the init segment, so that a page may
 * begin with any of these. The others are media alone: after an init segment a browser waits for a key picture (Media
 * Source Extensions, initialization segment received), and would drop what they bring.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE } from "../../../shared/control.ts";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../../shared/media.ts";
import { closeReason } from "../../deliveries/websocket_connection.ts";
import type { Sink } from "../../hub/sink.ts";

/** Messages by their batch, made once for all viewers. */
const messages = new WeakMap<Batch, Bytes>();

/** One viewer. Text messages name the codecs; gopro-stream's own page passes over them. */
export class SegmentSink implements Sink {
  readonly transport = "websocket";
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #segment: InitSegment | undefined;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  init(segment: InitSegment): void {
    this.#segment = segment;
    this.#ws.send(JSON.stringify({ type: "stream", mime: segment.mime }));
  }

  push(batch: Batch): void {
    if (!this.#segment) return;
    if (!batch.key) return this.#ws.send(batch.bytes);
    let message = messages.get(batch);
    if (!message) {
      message = concatBytes([this.#segment.bytes, batch.bytes]);
      messages.set(batch, message);
    }
    this.#ws.send(message);
  }

  skipped(): void {
    // There is no word for it: the decode times show the gap.
  }

  offline(reason: string): void {
    this.#ws.send(JSON.stringify({ type: "offline", reason }));
  }

  close(why: "stuck" | "gone", reason: string): void {
    if (why === "stuck") this.#ws.terminate(); // it reads nothing: a farewell would wait behind the backlog
    else this.#ws.close(CLOSE.goingAway, closeReason(reason));
  }
}
