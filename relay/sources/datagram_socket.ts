/**
 * A UDP socket that receives: binding with failures in words, and a loop over one loaned buffer that sleeps within bursts
 * (`burst_pause.ts`). Knows nothing of what the datagrams hold.
 *
 * `receive` without a buffer of ours allocates 64 KiB for each datagram and takes three times as long.
 * @module
 */

import type { Micros } from "../../shared/units.ts";
import { BurstPause } from "./burst_pause.ts";
import { SourceError } from "./source.ts";

/** The largest datagram there is. */
const MAX_DATAGRAM_BYTES = 65_535;
const ALL_ADDRESSES = "0.0.0.0";
/**
 * A port taken is asked for again so often: a program that this relay starts at that moment (another camera's) has a
 * copy of each of its sockets until it has become that program, those closed since among them.
 */
const ATTEMPTS = 10;
const ATTEMPT_MS = 25;

/** What is slept on. */
const NEVER_RUNG = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Where to listen. */
export interface BindOptions {
  /** An address of this machine, `0.0.0.0` for all of them. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** An IPv4 multicast group to join, on the interface whose address `host` is. */
  readonly group?: string;
}

/** Listens; @throws {SourceError} in words when it cannot. */
export async function bindDatagrams(options: BindOptions): Promise<Deno.DatagramConn> {
  for (let attempt = 1;; attempt++) {
    try {
      return await bind(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Deno.errors.AddrInUse)) {
        throw new SourceError(whyNotBound(error, options), { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
    }
  }
}

async function bind(options: BindOptions): Promise<Deno.DatagramConn> {
  const { host, port, group } = options;
  let socket: Deno.DatagramConn | undefined;
  try {
    socket = Deno.listenDatagram({
      transport: "udp",
      hostname: group === undefined ? host : ALL_ADDRESSES, // a group's datagrams reach no other
      port,
      reuseAddress: group !== undefined, // several programs may listen to one group
    });
    if (group !== undefined) await socket.joinMulticastV4(group, host);
    return socket;
  } catch (error) {
    socket?.close();
    throw error;
  }
}

/** What {@link receiveDatagrams} does with each datagram. */
export interface Reception {
  readonly signal: AbortSignal;
  now(): Micros;
  /** Hot: once per datagram. `datagram` is lent for the duration of the call. */
  take(datagram: Uint8Array, from: Deno.NetAddr, arrival: Micros): void;
}

/** Receives until the signal aborts, then resolves with the socket closed. */
export async function receiveDatagrams(
  socket: Deno.DatagramConn,
  reception: Reception,
): Promise<void> {
  const { signal } = reception;
  const buffer = new Uint8Array(MAX_DATAGRAM_BYTES);
  const pauses = new BurstPause();
  const close = (): void => socket.close();
  if (signal.aborted) return close();
  signal.addEventListener("abort", close);
  try {
    while (!signal.aborted) {
      const [datagram, from] = await socket.receive(buffer);
      const arrival = reception.now();
      if (signal.aborted) return;
      if (from.transport === "udp") reception.take(datagram, from, arrival);
      const pause = pauses.after(arrival);
      // The whole thread: a timer would wake it as often as the datagrams do.
      if (pause > 0) Atomics.wait(NEVER_RUNG, 0, 0, pause / 1000);
    }
  } catch (error) {
    if (!signal.aborted) throw error; // aborted: closing the socket is how the wait is ended
  } finally {
    signal.removeEventListener("abort", close);
    if (!signal.aborted) socket.close();
  }
}

function whyNotBound(error: unknown, { host, port, group }: BindOptions): string {
  const place = `UDP port ${port} of ${host}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return `${place} is in use: another program or stream listens there; stop it or choose another port`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${host} is no address of this machine: listen on one that is, or on 0.0.0.0 for all`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `this user may not listen on ${place}: choose a port above 1023`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return group === undefined
    ? `cannot listen on ${place}: ${reason}`
    : `cannot listen to ${group} on ${place}: ${reason}`;
}
