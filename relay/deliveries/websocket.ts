/**
 * `/live/{name}/ws`: binary messages are MP4 bytes, text messages are control (contract §5). RFC 6455 by the
 * `ws` package; only the frame around a batch is made here, once for all viewers, since what a server sends
 * is not masked and so is the same for everyone (§5.1).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import {
  CLOSE,
  encodeMessage,
  MAX_CONTROL_CHARS,
  parseClientMessage,
} from "../../shared/control.ts";
import { type Batch, HEADROOM_BYTES, type InitSegment } from "../../shared/media.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import type { Delivery, DeliveryUpgrade } from "./delivery.ts";

/** How often an idle connection is asked whether it is still there. */
const PING_MS = 20_000;
/** A viewer has so long to answer a close frame: one that reads nothing never does. */
const FAREWELL_MS = 2_000;
/** Bytes of UTF-8 that a close frame has room for beside its code (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;
/** FIN, opcode 2: a whole binary message in one frame (RFC 6455 §5.2). */
const FINAL_BINARY = 0x82;

/** The newest batch and its frame: a batch goes to all its viewers before the next one comes. */
let framed: Batch | undefined;
let newestFrame = Buffer.alloc(0);

/**
 * The frame of a batch, in the bytes left free before it: made at its first viewer, shared by all others. A
 * `Buffer`, because a stream makes one of any other array at every write.
 */
function frameOf(batch: Batch): Buffer {
  if (batch === framed) return newestFrame;
  const { buffer, byteOffset, length } = batch.bytes;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  if (byteOffset < HEADROOM_BYTES) {
    throw new RangeError("a batch must have room for a frame header before it");
  }
  const header = new DataView(buffer, byteOffset - headerBytes, headerBytes);
  header.setUint8(0, FINAL_BINARY);
  if (headerBytes === 2) {
    header.setUint8(1, length);
  } else if (headerBytes === 4) {
    header.setUint8(1, 126);
    header.setUint16(2, length);
  } else {
    header.setUint8(1, 127);
    header.setUint32(2, 0);
    header.setUint32(6, length);
  }
  framed = batch;
  newestFrame = Buffer.from(buffer, byteOffset - headerBytes, headerBytes + length);
  return newestFrame;
}

/** As much of a sentence as a close frame takes, no character cut. */
function closeReason(sentence: string): string {
  const { read } = new TextEncoder().encodeInto(sentence, new Uint8Array(MAX_REASON_BYTES));
  return sentence.slice(0, read);
}

/** One viewer. Messages that `ws` writes and frames written beside it never mix: without compression it writes at once. */
class WebSocketSink implements Sink {
  readonly transport = "websocket";
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #hub: Hub;

  constructor(ws: WebSocket, socket: Duplex, hub: Hub) {
    this.#ws = ws;
    this.#socket = socket;
    this.#hub = hub;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  init(segment: InitSegment): void {
    this.#ws.send(encodeMessage({
      type: "stream",
      generation: segment.generation,
      mime: segment.mime,
      tracks: segment.tracks.map(describeTrack),
      clock: { errorUs: segment.clockError },
    }));
    this.#ws.send(segment.bytes);
  }

  push(batch: Batch): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#socket.write(frameOf(batch));
  }

  skipped(what: Skipped): void {
    this.#ws.send(encodeMessage({ type: "skip", reason: "slow", ...what }));
  }

  offline(reason: string): void {
    this.#ws.send(encodeMessage({ type: "offline", reason }));
  }

  close(why: "stuck" | "gone", reason: string): void {
    if (why === "stuck") this.#ws.terminate(); // it reads nothing: a farewell would wait behind the backlog
    else this.#ws.close(CLOSE.noSuchStream, closeReason(reason));
  }

  /** Answers a viewer's message; what is not understood is ignored. */
  read(text: string): void {
    const message = parseClientMessage(text);
    if (message?.type !== "ping") return;
    const offset = this.#hub.segment?.clockOffset ?? 0;
    const t = Math.round((performance.timeOrigin + performance.now()) * 1000) + offset;
    this.#ws.send(encodeMessage({ type: "pong", id: message.id, t }));
  }
}

/** Opens the delivery. */
export function openWebSocket(): Delivery {
  const options = {
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false, // video does not deflate
    maxPayload: MAX_CONTROL_CHARS * 4,
    closeTimeout: FAREWELL_MS, // which the package's types do not know yet
  };
  const server = new WebSocketServer(options);

  function accept({ name, stream }: DeliveryUpgrade, ws: WebSocket, socket: Duplex): void {
    ws.on("error", () => ws.terminate()); // a viewer's broken frame is the viewer's loss
    if (!stream) {
      ws.close(CLOSE.noSuchStream, closeReason(`there is no stream ${name}`));
      return;
    }
    const sink = new WebSocketSink(ws, socket, stream.hub);
    const subscription = stream.hub.subscribe(sink);
    let answered = true;
    const pings = setInterval(() => {
      if (!answered && sink.backlog === 0) return ws.terminate();
      answered = false;
      ws.ping();
    }, PING_MS);
    ws.on("pong", () => void (answered = true));
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      answered = true;
      if (!isBinary) sink.read(data.toString());
    });
    ws.on("close", () => {
      clearInterval(pings);
      subscription[Symbol.dispose]();
    });
  }

  return {
    resource: "ws",
    upgrade(what: DeliveryUpgrade): void {
      const { request, socket, head } = what;
      server.handleUpgrade(request, socket, head as Buffer, (ws) => accept(what, ws, socket));
    },
    close(reason: string): void {
      for (const ws of server.clients) ws.close(CLOSE.goingAway, closeReason(reason));
    },
  };
}
