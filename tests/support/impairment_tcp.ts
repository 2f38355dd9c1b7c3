/**
 * The twin of `impairment_udp.ts` for TCP. A program sees no segments, so the sender is modelled: segments of one
 * MSS under a congestion window, each late and sometimes lost as a datagram would be, repaired after three later
 * acknowledgements (RFC 5681 §3.2, RFC 6675) or a tail-loss probe (RFC 8985 §7), the window cut by CUBIC's factor
 * once a round trip (RFC 9438 §4.6) and grown by one segment a round trip; what arrives waits for what is missing
 * before it. Acknowledgements are neither late nor lost. Kinder than most: no slow start after idleness, no 200 ms
 * minimum for the time-out.
 *
 * @module
 */

import { ImpairedPath, type Impairment } from "./impairment_link.ts";

/** A running proxy. */
export interface TcpImpairment extends AsyncDisposable {
  readonly port: number;
  readonly path: ImpairedPath;
}

const MSS_BYTES = 1448;
const INITIAL_WINDOW = 10;
const CUBIC_FACTOR = 0.7;
const LEAST_WINDOW = 2;
const DUPLICATE_ACKS = 3;
/** Beyond two delays, for what waits in a queue on the way. */
const PROBE_SLACK_MS = 110;
/** The sender's socket buffer: past it the server's writes wait. */
const BUFFER_BYTES = 128 * 1024;

interface Segment {
  readonly bytes: Uint8Array;
  /** Acknowledged. */
  arrived: boolean;
  /** Segments after it that have arrived since it was last sent. */
  laterAcks: number;
  sends: number;
}

/** One direction of one connection: bytes in, bytes out in order, as the model has it. */
class ModelledSender {
  readonly #path: ImpairedPath;
  readonly #delayMs: number;
  readonly #out: (bytes: Uint8Array) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #flight: Segment[] = [];
  #window = INITIAL_WINDOW;
  #threshold = Infinity;
  #cutAt = -Infinity;
  #drained: (() => void) | undefined;

  constructor(
    path: ImpairedPath,
    { delayMs, out }: { readonly delayMs: number; readonly out: (bytes: Uint8Array) => void },
  ) {
    this.#path = path;
    this.#delayMs = delayMs;
    this.#out = out;
  }

  /** Resolves when the socket buffer has room again. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MSS_BYTES) {
      this.#waiting.push(bytes.slice(at, at + MSS_BYTES));
    }
    this.#waitingBytes += bytes.length;
    this.#pump();
    if (this.#waitingBytes <= BUFFER_BYTES) return;
    await new Promise<void>((resolve) => this.#drained = resolve);
  }

  #pump(): void {
    while (this.#flight.length < Math.floor(this.#window)) {
      const bytes = this.#waiting.shift();
      if (!bytes) break;
      this.#waitingBytes -= bytes.length;
      const segment = { bytes, arrived: false, laterAcks: 0, sends: 0 };
      this.#flight.push(segment);
      this.#send(segment);
    }
    if (this.#waitingBytes <= BUFFER_BYTES) this.#drained?.();
  }

  #send(segment: Segment): void {
    segment.laterAcks = 0;
    const send = ++segment.sends;
    this.#path.send(segment.bytes.length, () => this.#arrive(segment));
    // The probe: nothing after it may come that would tell of its loss. Two round trips, one being the delay.
    this.#path.after(2 * this.#delayMs + PROBE_SLACK_MS, () => {
      if (!segment.arrived && segment.sends === send) this.#repair(segment);
    });
  }

  #repair(segment: Segment): void {
    const now = performance.now();
    if (now - this.#cutAt > this.#delayMs) {
      this.#cutAt = now;
      this.#window = Math.max(LEAST_WINDOW, this.#window * CUBIC_FACTOR);
      this.#threshold = this.#window;
    }
    this.#send(segment);
  }

  #arrive(segment: Segment): void {
    if (segment.arrived) return;
    segment.arrived = true;
    this.#window += this.#window < this.#threshold ? 1 : 1 / this.#window;
    for (const earlier of this.#flight) {
      if (earlier === segment) break;
      if (!earlier.arrived && ++earlier.laterAcks === DUPLICATE_ACKS) this.#repair(earlier);
    }
    while (this.#flight[0]?.arrived) this.#out(this.#flight.shift()?.bytes ?? new Uint8Array(0));
    this.#pump();
  }
}

/** Starts a proxy before the server at `target`, a port of this machine. */
export function impairTcp(target: number, impairment: Impairment): TcpImpairment {
  const path = new ImpairedPath(impairment);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const tunnels: Promise<unknown>[] = [];

  async function serve(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
    for (const connection of [client, server]) {
      connection.setNoDelay(true);
      open.add(connection);
    }
    const writer = client.writable.getWriter();
    const sender = new ModelledSender(path, {
      delayMs: impairment.delayMs,
      out: (bytes) => void Promise.allSettled([writer.write(bytes)]), // a viewer that left wants nothing
    });
    const down = (async (): Promise<void> => {
      for await (const bytes of server.readable) await sender.write(bytes);
    })();
    await Promise.allSettled([down, client.readable.pipeTo(server.writable)]);
  }

  tunnels.push((async (): Promise<void> => {
    for await (const client of listener) tunnels.push(serve(client));
  })());
  return {
    port: listener.addr.port,
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      path[Symbol.dispose]();
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch (error) {
          if (!(error instanceof Deno.errors.BadResource)) throw error; // the other end has closed it
        }
      }
      await Promise.race([
        Promise.allSettled(tunnels),
        new Promise((done) => setTimeout(done, 500)),
      ]);
    },
  };
}
