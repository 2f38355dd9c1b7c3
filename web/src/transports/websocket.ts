/**
 * The stream over a WebSocket (RFC 6455; messages: contract §5). The transport that must be able to carry
 * everything alone. Does not reconnect: that is `player/link.ts`.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { type ClientMessage, encodeMessage, parseServerMessage } from "../../../shared/control.ts";
import { LateReports } from "./late_reports.ts";
import {
  type Closure,
  type Connection,
  type OpenOptions,
  type Receiver,
  type Transport,
  TransportError,
} from "./transport.ts";

/** How long a handshake may take before the relay counts as out of reach. */
export const OPEN_TIMEOUT_MS = 10_000;

/** RFC 6455 §7.4.1, normal closure. */
const NORMAL = 1000;

/** The WebSocket address of the stream whose page is `url`; query and fragment are the page's own. */
export function socketUrl(url: string): string {
  const target = new URL(url);
  target.protocol = target.protocol === "https:" || target.protocol === "wss:" ? "wss:" : "ws:";
  target.pathname = `${target.pathname.replace(/\/+$/, "")}/ws`;
  target.search = "";
  target.hash = "";
  return target.href;
}

function deliver(data: unknown, receiver: Receiver, reports: LateReports): void {
  if (data instanceof ArrayBuffer) {
    const bytes: Bytes = new Uint8Array(data);
    reports.took(bytes, performance.now());
    receiver.media(bytes);
  } else if (typeof data === "string") {
    const message = parseServerMessage(data);
    if (message?.type === "stream") reports.generation();
    if (message !== undefined) receiver.control(message);
  }
}

/** @throws {TransportError} where the page may have none: its site forbids it, or it is a secure page and the relay none. */
function newSocket(url: string): WebSocket {
  try {
    return new WebSocket(socketUrl(url));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new TransportError("This page may not open a WebSocket to the relay.", { cause: error });
  }
}

function open(url: string, { receiver, signal }: OpenOptions): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = newSocket(url);
    socket.binaryType = "arraybuffer";
    // The close handshake may never be answered, so the end is declared here and the listeners go at once.
    const listening = new AbortController();
    const until = { signal: listening.signal };
    const timer = setTimeout(() => {
      end();
      socket.close();
      reject(new TransportError("The relay does not answer."));
    }, OPEN_TIMEOUT_MS);

    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      listening.abort();
    }
    const closed = new Promise<Closure>((over) => {
      socket.addEventListener("close", ({ code, reason }) => {
        over({ code, reason });
        end();
        reject(new TransportError("The relay cannot be reached.")); // settled already if it was open
      }, until);
      // Ended by this side; after a close event it is settled already.
      listening.signal.addEventListener("abort", () => over({ code: NORMAL, reason: "" }));
    });
    function onAbort(): void {
      end();
      socket.close(NORMAL);
      reject(signal.reason);
    }
    signal.addEventListener("abort", onAbort);
    const send = (message: ClientMessage): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeMessage(message));
    };
    const reports = new LateReports(send, listening.signal);
    socket.addEventListener("message", ({ data }) => deliver(data, receiver, reports), until);
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      resolve({ send, closed });
    }, until);
  });
}

/** The stream over a WebSocket. */
export const websocket: Transport = {
  supported: () => typeof WebSocket === "function",
  open,
};
