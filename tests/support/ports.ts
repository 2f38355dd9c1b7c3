/**
 * Ports for tests: ones that nobody uses, and datagrams sent to them.
 *
 * @module
 */

/** Below those that the system gives to whoever asks for any (Linux: from 32 768), who would get it meanwhile. */
const FIRST_PORT = 10_100; // 10 080 is one that browsers refuse
const PORTS = 20_000;

/** A TCP port nobody listened on a moment ago. */
export function freePort(): number {
  return freeOf((port) => Deno.listen({ hostname: "0.0.0.0", port }).close());
}

/** A UDP port that was free a moment ago. */
export function freeUdpPort(): number {
  return freeOf((port) =>
    Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port }).close()
  );
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

function freeOf(bind: (port: number) => void): number {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      bind(port);
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
