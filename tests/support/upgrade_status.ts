/**
 * Asks for a WebSocket with headers that no client of the runtime would send, and says how it was answered.
 *
 * @module
 */

import { connect } from "node:net";

/** The status of the answer; the connection is closed then. */
export function upgradeStatus(
  { port, path, headers }: {
    readonly port: number;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\n${lines}connection: upgrade\r\nupgrade: websocket\r\n` +
          "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
    });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(Number(data.toString().split(" ")[1]));
    });
    socket.once("error", reject);
  });
}
