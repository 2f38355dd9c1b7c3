/**
 * What every WebSocket of the relay has in common (RFC 6455 by the `ws` package): its options, how it is asked whether
 * it is still there, and how it is told goodbye. Knows nothing of what travels on it.
 *
 * @module
 */

import { type WebSocket, WebSocketServer } from "ws";

/** How often an idle connection is asked whether it is still there. */
const PING_MS = 20_000;
/** A viewer has so long to answer a close frame: one that reads nothing never does. */
const FAREWELL_MS = 2_000;
/** Characters of answers that may wait in this process: who lets more pile up asks and does not read. */
const MAX_ANSWER_CHARS = 64 * 1024;
/** Bytes of UTF-8 that a close frame has room for beside its code (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/** Takes over connections. @param maxMessageBytes longer messages end the connection that sends one. */
export function openConnections(maxMessageBytes: number): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false, // video does not deflate
    maxPayload: maxMessageBytes,
    closeTimeout: FAREWELL_MS, // which the package's types do not know yet
  };
  return new WebSocketServer(options);
}

/**
 * Ends `ws` when it does not answer and has nothing to take first. One that is owed something and takes none of it is its
 * port's to cut, whatever travels on it (`http/deaf_connections.ts`).
 * @param backlog bytes that wait in this process.
 */
export function endWhenSilent(ws: WebSocket, backlog: () => number): void {
  let answered = true;
  const pings = setInterval(() => {
    if (!answered && backlog() === 0) return ws.terminate();
    answered = false;
    ws.ping();
  }, PING_MS);
  const answer = (): void => void (answered = true);
  ws.on("pong", answer);
  ws.on("message", answer);
  ws.on("close", () => clearInterval(pings));
}

/**
 * A way to answer what comes on `ws`, which ends it when too many answers wait. (The package sees to RFC 6455's own pings.)
 * @param backlog bytes that wait in this process, whatever they are.
 */
export function answering(ws: WebSocket, backlog: () => number): (text: string) => void {
  let waiting = 0;
  return (text) => {
    waiting = Math.min(waiting, backlog()) + text.length;
    if (waiting > MAX_ANSWER_CHARS) ws.terminate(); // a farewell would wait behind them
    else ws.send(text);
  };
}

/** As much of a sentence as a close frame takes, no character cut. */
export function closeReason(sentence: string): string {
  const { read } = new TextEncoder().encodeInto(sentence, new Uint8Array(MAX_REASON_BYTES));
  return sentence.slice(0, read);
}
