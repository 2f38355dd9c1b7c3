/**
 * The one rule for connections that are half open or whose other end reads nothing, on every port and whatever they carry
 * (WebSocket, endless body, HLS, API; HTTP/1.1, HTTP/2, TLS): one that is owed bytes and takes none of them for a while is
 * cut. The kernel alone would try for a quarter of an hour. One that is owed nothing is none of this file's business:
 * requests have their keep-alive, WebSockets their pings.
 *
 * @module
 */

import type { Socket } from "node:net";

/** A connection that is owed something may take nothing of it for so long. */
export const DEAF_MS = 30_000;
/** In that time each is looked at so often. */
const LOOKS = 6;

/**
 * Cuts those of `open` that are deaf, until it is disposed of.
 * @param open connections, those of TLS after their handshake; may change meanwhile. @param deafMs milliseconds
 */
export function cutDeaf(open: ReadonlySet<Socket>, deafMs = DEAF_MS): Disposable {
  /** Bytes that each had taken when it last took some, and when that was. */
  const progress = new WeakMap<Socket, { readonly taken: number; readonly at: number }>();

  function look(socket: Socket): void {
    const now = performance.now();
    const taken = socket.bytesWritten - socket.writableLength;
    const before = progress.get(socket);
    if (socket.writableLength === 0 || before?.taken !== taken) {
      progress.set(socket, { taken, at: now });
    } else if (now - before.at > deafMs) {
      socket.destroy();
    }
  }

  const looking = setInterval(() => open.forEach(look), Math.ceil(deafMs / LOOKS));
  return { [Symbol.dispose]: () => clearInterval(looking) };
}
