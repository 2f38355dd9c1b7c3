/**
 * What every listening socket has in common: an address, a sentence when it cannot be had, and a way to stop.
 * Knows no route and no protocol above TCP.
 *
 * @module
 */

import type { Server } from "node:net";
import type { Duplex } from "node:stream";

/** Viewers have so long to take their farewell when the relay stops. */
const FAREWELL_MS = 1_000;

/** Where the relay listens. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** The address that was asked for cannot be had; `message` is a sentence. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** A socket that listens. */
export interface RunningListener extends AsyncDisposable {
  /** With the port that was given, if 0 was asked for. */
  readonly address: ListenAddress;
}

/**
 * Binds a server.
 * @param option how the address is chosen, for the sentence: `--listen`.
 * @throws {ListenError} when the address cannot be had.
 */
export async function bind(
  server: Server,
  address: ListenAddress,
  option: string,
): Promise<ListenAddress> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (error: NodeJS.ErrnoException): void =>
    reject(new ListenError(explain(error, address, option)));
  server.once("error", failed);
  server.listen(address.port, address.hostname, resolve);
  await promise;
  server.off("error", failed);
  const given = server.address();
  return {
    hostname: address.hostname,
    port: typeof given === "object" && given ? given.port : address.port,
  };
}

/** Resolves when the server has closed; connections that outlast the farewell are cut. */
export async function closeServer(server: Server, left: Iterable<Duplex>): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  // One that reads nothing never answers the farewell.
  const patience = setTimeout(() => {
    for (const socket of left) socket.destroy();
  }, FAREWELL_MS);
  await closed;
  clearTimeout(patience);
}

function explain(
  error: NodeJS.ErrnoException,
  { hostname, port }: ListenAddress,
  option: string,
): string {
  const where = `${hostname}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is taken: another program listens on ${where}; choose another with ${option} HOST:PORT`;
    case "EACCES":
      return `this user may not listen on ${where}; choose a port above 1023 with ${option} HOST:PORT`;
    case "EADDRNOTAVAIL":
    case "EINVAL": // what Deno's node:http says of it
    case "ENOTFOUND":
      return `this machine has no address ${hostname}; choose one of its own, or 0.0.0.0, with ${option} HOST:PORT`;
    default:
      return `cannot listen on ${where}: ${error.message}`;
  }
}
