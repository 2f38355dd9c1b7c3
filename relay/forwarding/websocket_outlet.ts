/**
 * A stream to a WebSocket elsewhere: each message is an init segment or a batch, as viewers get them (contract §5, §6).
 * Answers questions for the origin's clock.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import {
  CLOSE,
  encodeMessage,
  MAX_CONTROL_CHARS,
  parseClientMessage,
} from "../../shared/control.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import type { Outlet, OutletEnd, OutletOptions } from "./outlet.ts";
import { OTHER_VIA, STALLED_MS } from "./outlet.ts";
import { isRefusal, refusalOf } from "./refusal.ts";

/** The other side has so long to become a WebSocket. */
const HANDSHAKE_MS = 10_000;
const PING_MS = 2_000;
/** It has so long to answer a close frame. */
const FAREWELL_MS = 1_000;
const NORMAL = 1000; // RFC 6455 §7.4.1
/** Codes of contract §5 that mean no. */
const NO: ReadonlySet<number> = new Set([
  CLOSE.noKey,
  CLOSE.notAllowed,
  CLOSE.noSuchStream,
  CLOSE.taken,
  CLOSE.tooMany,
]);

/** Opens it: resolves when it is open, or has ended already. */
export async function openWebSocketOutlet(options: OutletOptions): Promise<Outlet> {
  const { destination, socket, report } = options;
  const via = options.via();
  const { url, authorization } = destination;
  const where = new URL(url);
  const plain = new URL(url);
  plain.protocol = "ws:"; // TLS is the connection's
  const ws = new WebSocket(plain, {
    createConnection: () => socket,
    perMessageDeflate: false, // video does not deflate
    maxPayload: MAX_CONTROL_CHARS * 4,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
    headers: { host: where.host, via, ...(authorization ? { authorization } : {}) },
  });
  const ended = Promise.withResolvers<OutletEnd>();
  const open = Promise.withResolvers<void>();
  let answeredAt = performance.now();
  ws.on("open", () => open.resolve());
  ws.on("pong", () => answeredAt = performance.now());
  ws.on("message", (data: Buffer, isBinary: boolean) => {
    const message = isBinary ? undefined : parseClientMessage(data.toString());
    if (message?.type !== "ping") return;
    ws.send(encodeMessage({ type: "pong", id: message.id, t: Math.round(options.now()) }));
  });
  ws.on("unexpected-response", (_request, response: IncomingMessage) => {
    void refusalOf(response).then((reason) => {
      ended.resolve({ reason, refused: isRefusal(response) });
      socket.destroy();
    });
  });
  ws.on("error", (error) => ended.resolve({ reason: inWords(error), refused: false }));
  ws.on("close", (code, reason) => {
    const words = reason.toString();
    ended.resolve({
      reason: `the other side closed the connection: ${words === "" ? `code ${code}` : words}`,
      refused: NO.has(code),
    });
  });
  const pings = setInterval(() => {
    if (performance.now() - answeredAt > STALLED_MS) {
      ended.resolve({
        reason: `nothing has been heard for ${STALLED_MS / 1000} s`,
        refused: false,
      });
      ws.terminate();
    } else if (ws.readyState === WebSocket.OPEN) ws.ping();
  }, PING_MS);
  void ended.promise.then(() => {
    clearInterval(pings);
    open.resolve();
  });
  await open.promise;

  const send = (bytes: Uint8Array): void => {
    if (ws.readyState !== WebSocket.OPEN) return;
    ws.send(bytes);
    report.pushed(bytes.length);
  };
  const sink: Sink = {
    watched: false,
    get backlog(): number {
      return ws.bufferedAmount;
    },
    init: (segment: InitSegment) => {
      if (options.via() !== via) {
        ended.resolve({ reason: OTHER_VIA, refused: false });
        return ws.close(NORMAL);
      }
      if (destination.format === "fmp4" && ws.readyState === WebSocket.OPEN) {
        ws.send(streamMessage(segment));
      }
      if (segment.bytes.length > 0) send(segment.bytes);
    },
    push: (batch: Batch) => send(batch.bytes),
    skipped: (what: Skipped) => report.skipped(what),
    offline: () => {}, // the other side notices the silence
    close: (why, reason) => {
      ended.resolve({ reason, refused: false });
      if (why === "stuck") ws.terminate();
      else ws.close(NORMAL);
    },
  };
  return {
    sink,
    ended: ended.promise,
    close: () => {
      const done = (): void => ended.resolve({ reason: "it was ended here", refused: false });
      if (ws.readyState !== WebSocket.OPEN) {
        done();
        return ws.terminate();
      }
      // Over when the other side knows: another may be waiting to take its place.
      ws.close(NORMAL);
      const patience = setTimeout(() => {
        done();
        ws.terminate();
      }, FAREWELL_MS);
      void ended.promise.then(() => clearTimeout(patience));
    },
  };
}

/** As viewers get it: one that is a relay then asks for the clock. */
function streamMessage({ generation, mime, tracks, clockError }: InitSegment): string {
  return encodeMessage({
    ...{ type: "stream", generation, mime, tracks: tracks.map(describeTrack) },
    clock: { errorUs: clockError },
  });
}

function inWords({ message }: Error): string {
  return message === "Opening handshake has timed out"
    ? `the other side did not become a WebSocket within ${HANDSHAKE_MS / 1000} s`
    : `the connection broke: ${message.split("\n")[0]}`;
}
