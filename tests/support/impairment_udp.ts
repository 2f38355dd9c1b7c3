/**
 * A UDP proxy on this machine that treats what one side sends as a bad network would; what the other sends passes.
 *
 * @module
 */

import { ImpairedPath, type Impairment } from "./impairment_link.ts";

/** A running proxy. */
export interface UdpImpairment extends AsyncDisposable {
  readonly port: number;
  readonly path: ImpairedPath;
}

const LOOPBACK = "127.0.0.1";

/** Whose datagrams suffer, and where clients may come from. */
export interface UdpImpairmentOptions {
  /** The server's, unless the clients' are meant. */
  readonly from?: "server" | "clients";
  /** Address that clients send to; by default the loopback's. */
  readonly hostname?: string;
}

/** Starts a proxy before the server at `target`, a port of this machine. `impairment` may be changed while it runs. */
export function impairUdp(
  target: number,
  impairment: Impairment,
  { from: whose = "server", hostname = LOOPBACK }: UdpImpairmentOptions = {},
): UdpImpairment {
  const path = new ImpairedPath(impairment);
  const outside = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const server: Deno.NetAddr = { transport: "udp", hostname: LOOPBACK, port: target };
  /** A socket towards the server for each client, by the client's port. */
  const insides = new Map<number, Deno.DatagramConn>();
  const reading: Promise<void>[] = [];
  let closing = false;

  /** Datagrams to a socket that has closed meanwhile are lost like others. */
  function forward(socket: Deno.DatagramConn, datagram: Uint8Array, to: Deno.NetAddr): void {
    socket.send(datagram, to).catch((error: unknown) => {
      if (!closing) throw error;
    });
  }

  function insideOf(client: Deno.NetAddr): Deno.DatagramConn {
    const known = insides.get(client.port);
    if (known) return known;
    const inside = Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port: 0 });
    insides.set(client.port, inside);
    reading.push((async (): Promise<void> => {
      for await (const [datagram] of inside) {
        const arrive = (): void => forward(outside, datagram, client);
        if (whose === "server") path.send(datagram.length, arrive);
        else arrive();
      }
    })());
    return inside;
  }

  reading.push((async (): Promise<void> => {
    for await (const [datagram, from] of outside) {
      if (from.transport !== "udp") continue;
      const inside = insideOf(from);
      const arrive = (): void => forward(inside, datagram, server);
      if (whose === "clients") path.send(datagram.length, arrive);
      else arrive();
    }
  })());
  return {
    port: (outside.addr as Deno.NetAddr).port,
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      closing = true;
      path[Symbol.dispose]();
      outside.close();
      for (const inside of insides.values()) inside.close();
      await Promise.all(reading);
    },
  };
}
