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

/**
 * gopro-stream's page asks where the media begin as soon as it has taken the first message, and stops for ever when no time
 * has both picture and sound: the first message waits for that, for so many batches at most.
 */
const MAX_GATHERED = 64;

/** Messages by their batch, made once for all viewers. */
const messages = new WeakMap<Batch, Bytes>();

/** One viewer. Text messages name the codecs; gopro-stream's own page passes over them. */
export class SegmentSink implements Sink {
  readonly transport = "websocket";
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #segment: InitSegment | undefined;
  /** Of the first message; `undefined` when that has left. */
  #gathered: Batch[] | undefined;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  init(segment: InitSegment): void {
    this.#segment = segment;
    this.#gathered = [];
    this.#ws.send(JSON.stringify({ type: "stream", mime: segment.mime }));
  }

  push(batch: Batch): void {
    if (!this.#segment) return;
    if (this.#gathered) return this.#gather(this.#gathered, batch, this.#segment);
    if (!batch.key) return this.#ws.send(batch.bytes);
    let message = messages.get(batch);
    if (!message) {
      message = concatBytes([this.#segment.bytes, batch.bytes]);
      messages.set(batch, message);
    }
    this.#ws.send(message);
  }

  #gather(gathered: Batch[], batch: Batch, segment: InitSegment): void {
    gathered.push(batch);
    if (gathered.length < MAX_GATHERED && !coincide(gathered, segment)) return;
    this.#gathered = undefined;
    this.#ws.send(concatBytes([segment.bytes, ...gathered.map(({ bytes }) => bytes)]));
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

/** Whether some moment has media of every track. */
function coincide(batches: readonly Batch[], { tracks }: InitSegment): boolean {
  let latestStart = -Infinity;
  let earliestEnd = Infinity;
  for (const { id, timescale } of tracks) {
    const own = batches.flatMap(({ fragments }) => fragments.filter(({ track }) => track === id));
    latestStart = Math.max(latestStart, ...own.map(({ pts }) => pts / timescale).slice(0, 1));
    const ends = own.map(({ pts, duration }) => (pts + duration) / timescale);
    earliestEnd = Math.min(earliestEnd, Math.max(-Infinity, ...ends));
  }
  return latestStart < earliestEnd;
}
