/**
 * The one rule for connections that are half open or whose other end reads nothing, on every port and whatever they carry
 * (WebSocket, endless body, HLS, API; HTTP/1.1, HTTP/2, TLS): one that is owed bytes and takes none of them for a while is
 * cut. The kernel alone would try for a quarter of an hour. One that is owed nothing is none of this file's business:
 * requests have their keep-alive, WebSockets their pings.
 *
 * @module
 */

/** A connection that is owed something may take nothing of it for so long. */
export const DEAF_MS = 30_000;
/** In that time each is looked at so often. */
const LOOKS = 6;

/** What is asked of a connection; a `net.Socket` is one. */
export interface Connection {
  /** Bytes it was given so far, and those of them that have not left this process. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

/**
 * Cuts those of `open` that are deaf, until it is disposed of.
 * @param open connections, those of TLS after their handshake; may change meanwhile. @param deafMs milliseconds
 */
export function cutDeaf(open: ReadonlySet<Connection>, deafMs = DEAF_MS): Disposable {
  /** Bytes that each had taken when it last took some, and when that was. */
  const progress = new WeakMap<Connection, { readonly taken: number; readonly at: number }>();

  function look(socket: Connection): void {
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
