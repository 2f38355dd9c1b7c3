/**
 * A cable that can be pulled: a TCP proxy on this machine that lets everything through until it is cut, or until nothing
 * is read any more of what comes from the server.
 *
 * @module
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Stands before one port. */
export class CutProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #open: Set<Socket>;
  readonly #onwards: Set<Socket>;
  readonly #state: { cut: boolean };

  private constructor(
    server: Server,
    { open, onwards, state }: {
      readonly open: Set<Socket>;
      readonly onwards: Set<Socket>;
      readonly state: { cut: boolean };
    },
  ) {
    this.#server = server;
    this.#open = open;
    this.#onwards = onwards;
    this.#state = state;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param target a port of this machine. */
  static async start(target: number): Promise<CutProxy> {
    const open = new Set<Socket>();
    const state = { cut: false };
    const onwards = new Set<Socket>();
    const keep = (socket: Socket): void => {
      open.add(socket);
      socket.on("error", () => socket.destroy()); // the other end is gone
      socket.on("close", () => open.delete(socket));
    };
    const server = createServer((client) => {
      keep(client);
      if (state.cut) return void client.destroy();
      const onward = connect(target, "127.0.0.1");
      keep(onward);
      onwards.add(onward);
      onward.setNoDelay(true);
      client.setNoDelay(true);
      client.pipe(onward).pipe(client);
      client.on("close", () => onward.destroy());
      onward.on("close", () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new CutProxy(server, { open, onwards, state });
  }

  /** Ends every connection; new ones get nowhere. */
  cut(): void {
    this.#state.cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** Nothing more is read from the server, as by a client that has vanished: it cannot tell the two apart. */
  deafen(): void {
    for (const onward of this.#onwards) {
      onward.unpipe();
      onward.pause();
    }
  }

  /** The cable is back. */
  mend(): void {
    this.#state.cut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
