/**
 * One UDP port for all peer connections: a connectivity check says by its user name whose it is (RFC 8445 §7.2.2), and
 * what else comes from the same address belongs to the same connection. Knows ICE's first bytes and nothing above.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { isStun, ufragOf } from "./stun.ts";

/** Addresses that one connection may be reached from; more is no network's doing. */
const MAX_REMOTES = 32;

/** An address as the peer connections' package has it. */
export type Address = readonly [host: string, port: number];

/** The port as one connection sees it: what its package takes for a socket of its own. */
export interface SharedTransport {
  readonly type: "udp";
  readonly addressFamily: 4;
  readonly address: { readonly address: string; readonly port: number; readonly family: "IPv4" };
  readonly host: string;
  readonly port: number;
  closed: boolean;
  onData: (data: Buffer, from: Address) => void;
  send(data: Uint8Array, to?: Address): Promise<void>;
  close(): Promise<void>;
}

interface Connection {
  readonly transport: SharedTransport;
  readonly remotes: Set<string>;
}

/** The port that all share. */
export class UdpMux implements Disposable {
  readonly port: number;
  readonly #socket: Deno.DatagramConn;
  readonly #failed: (sentence: string) => void;
  readonly #byUfrag = new Map<string, Connection>();
  readonly #byRemote = new Map<string, Connection>();

  /**
   * Binds, alone: no other program on this machine can take what comes.
   * @param port 0 for any that is free.
   * @param failed told, in a sentence, when a datagram could not be read, or an answer not sent.
   * @param orAny where that port is taken, any will do: an isolate of this relay's hangs with it, and Deno ends no worker
   * that stands still or goes round in circles (denoland/deno#35657).
   * @throws as `Deno.listenDatagram` does when the port cannot be had.
   */
  constructor(
    port: number,
    failed: (sentence: string) => void,
    { orAny }: { readonly orAny: boolean },
  ) {
    this.#socket = bind(port, orAny);
    this.port = (this.#socket.addr as Deno.NetAddr).port;
    this.#failed = failed;
    this.#receive().catch(reportError); // without it nobody is heard any more: the isolate's end
  }

  /** The port for the connection whose own user name fragment is `ufrag`. */
  open(ufrag: string): SharedTransport {
    const known = this.#byUfrag.get(ufrag);
    if (known && !known.transport.closed) return known.transport; // one address more of the same connection
    const { port } = this;
    const connection: Connection = {
      remotes: new Set(),
      transport: {
        type: "udp",
        addressFamily: 4,
        address: { address: "0.0.0.0", port, family: "IPv4" },
        host: "0.0.0.0",
        port,
        closed: false,
        onData: () => {},
        send: (data, to) => this.#send(data, to),
        close: () => {
          this.#forget(ufrag, connection);
          return Promise.resolve();
        },
      },
    };
    this.#byUfrag.set(ufrag, connection);
    return connection.transport;
  }

  /** Lets go of the port. */
  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    for await (const [bytes, from] of this.#socket) {
      if (from.transport !== "udp") continue;
      this.#take(bytes, from);
    }
  }

  /** Hot: once per datagram. */
  #take(bytes: Uint8Array<ArrayBuffer>, { hostname, port }: Deno.NetAddr): void {
    const remote = `${hostname}:${port}`;
    const connection = this.#byRemote.get(remote) ?? this.#introduce(bytes, remote);
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      connection?.transport.onData(data, [hostname, port]);
    } catch (error) {
      // The package throws what it cannot read at whoever hands it over; the next datagram may be another connection's.
      this.#failed(`a datagram cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** An address that has not been heard of says whose it is, or is not listened to. */
  #introduce(bytes: Uint8Array, remote: string): Connection | undefined {
    const ufrag = isStun(bytes) ? ufragOf(bytes) : undefined;
    const connection = ufrag === undefined ? undefined : this.#byUfrag.get(ufrag);
    if (!connection || connection.remotes.size >= MAX_REMOTES) return undefined;
    connection.remotes.add(remote);
    this.#byRemote.set(remote, connection);
    return connection;
  }

  async #send(data: Uint8Array, to: Address | undefined): Promise<void> {
    if (!to) return;
    const [hostname, port] = to;
    try {
      await this.#socket.send(data, { transport: "udp", hostname, port });
    } catch (error) {
      // A network that is gone for a moment, or an address that this relay may not send to: checks are sent again.
      this.#failed(`cannot send to ${hostname}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #forget(ufrag: string, connection: Connection): void {
    connection.transport.closed = true;
    if (this.#byUfrag.get(ufrag) === connection) this.#byUfrag.delete(ufrag);
    for (const remote of connection.remotes) this.#byRemote.delete(remote);
  }
}

function bind(port: number, orAny: boolean): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port });
  } catch (error) {
    if (!orAny || port === 0 || !(error instanceof Deno.errors.AddrInUse)) throw error;
    return bind(0, false);
  }
}
