/**
 * UDP ports for tests: one that nobody uses, and datagrams sent to it.
 *
 * @module
 */

/** Below those that the system gives to whoever asks for any (Linux: from 32 768), who would get it meanwhile. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** A UDP port that was free a moment ago. */
export function freeUdpPort(): number {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** One that is even, as RTP's is: its control packets have the next (RFC 3550 §11), and sound the two behind those. */
export function evenUdpPort(): number {
  for (;;) {
    const port = freeUdpPort();
    if (port % 2 === 0 && port < 65_000) return port;
  }
}

/** Sends datagrams to a port of this machine. */
export class UdpSender implements Disposable {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #to: Deno.NetAddr;

  constructor(port: number) {
    this.#to = { transport: "udp", hostname: "127.0.0.1", port };
  }

  /** The port it sends from. */
  get port(): number {
    return (this.#socket.addr as Deno.NetAddr).port;
  }

  async send(...datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) await this.#socket.send(datagram, this.#to);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
