/**
 * `/live/{name}/ws`: binary messages are MP4 bytes, text messages are control (contract §5).
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import {
  CLOSE,
  encodeMessage,
  MAX_CONTROL_CHARS,
  parseClientMessage,
} from "../../shared/control.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import type { Delivery, DeliveryUpgrade } from "./delivery.ts";
import { FrameWriter } from "./frame_writer.ts";
import { answering, closeReason, endWhenSilent, openConnections } from "./websocket_connection.ts";
import { frameOf } from "./websocket_frame.ts";

/** One viewer. Messages that `ws` writes and frames written beside it never mix: without compression it writes at once. */
class WebSocketSink implements Sink {
  readonly transport = "websocket";
  readonly #ws: WebSocket;
  readonly #frames: FrameWriter;
  readonly #hub: Hub;
  readonly #answer: (text: string) => void;
  /** Media bytes so far: sent, and taken by a viewer that is late and tells. */
  #pushed = 0;
  #taken: number | undefined;

  constructor(ws: WebSocket, frames: FrameWriter, hub: Hub) {
    this.#ws = ws;
    this.#frames = frames;
    this.#hub = hub;
    this.#answer = answering(ws, () => frames.waiting);
  }

  get backlog(): number {
    const { waiting } = this.#frames;
    return this.#taken === undefined ? waiting : Math.max(waiting, this.#pushed - this.#taken);
  }

  get tells(): boolean {
    return this.#taken !== undefined;
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
    this.#pushed += segment.bytes.length;
  }

  push(batch: Batch): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#pushed += batch.bytes.length;
    this.#frames.write(frameOf(batch));
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
    if (message?.type === "late") {
      this.#taken = message.ms > 0 ? Math.min(message.bytes, this.#pushed) : undefined;
    }
    if (message?.type !== "ping") return;
    const offset = this.#hub.segment?.clockOffset ?? 0;
    const t = Math.round((performance.timeOrigin + performance.now()) * 1000) + offset;
    this.#answer(encodeMessage({ type: "pong", id: message.id, t }));
  }
}

/** Opens the delivery. */
export function openWebSocket(): Delivery {
  const server = openConnections(MAX_CONTROL_CHARS * 4);

  function accept({ name, stream }: DeliveryUpgrade, ws: WebSocket, socket: Duplex): void {
    ws.on("error", () => ws.terminate()); // a viewer's broken frame is the viewer's loss
    if (!stream) {
      ws.close(CLOSE.noSuchStream, closeReason(`there is no stream ${name}`));
      return;
    }
    const frames = new FrameWriter(socket);
    const sink = new WebSocketSink(ws, frames, stream.hub);
    const subscription = stream.hub.subscribe(sink);
    endWhenSilent(ws, () => frames.waiting);
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) sink.read(data.toString());
    });
    ws.on("close", () => subscription[Symbol.dispose]());
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
