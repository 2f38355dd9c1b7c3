/**
 * The bad network of the bench `loss`: `wire.c` where this user may, which the machine's own TCP goes through; else
 * proxies, with a TCP that is modelled (`tests/support/impairment_tcp.ts`).
 *
 * @module
 */

import type { Impairment } from "../support/impairment_link.ts";
import { impairTcp } from "../support/impairment_tcp.ts";
import { impairUdp } from "../support/impairment_udp.ts";
import { randomFrom } from "../support/random.ts";
import type { DeliveryServer } from "../support/delivery_server.ts";
import { WebTransportServer } from "../support/webtransport_server.ts";
import { run } from "../support/run.ts";
import { LineProcess } from "./line_process.ts";

const LOOPBACK = "127.0.0.1";

/** Packets that servers have sent by one transport, and those of them that were lost. */
export interface Packets {
  readonly sent: number;
  readonly lost: number;
}

/** A network between servers and viewers of this process. */
export interface Network extends AsyncDisposable {
  /** Where servers listen. */
  readonly hostname: string;
  /** Where viewers call them. */
  readonly reachedAt: string;
  /** Puts itself before both; the URL of the WebSocket's server, as its viewers reach it. */
  join(quic: WebTransportServer, tcp: DeliveryServer): string;
  packets(): Promise<{ readonly udp: Packets; readonly tcp: Packets }>;
}

/** Whether {@link openWire} works here. */
export function mayWire(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    return Deno.statSync("/dev/net/tun").isCharDevice === true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Real TCP and real QUIC through the same network. @param program `wire.c`, compiled */
export async function openWire(program: string, impairment: Impairment): Promise<Network> {
  const { delayMs, loss, seed, bytesPerSecond = 0 } = impairment;
  const last = randomFrom(Date.now())(256);
  const numbers = [last, delayMs, Math.round(loss * 1e6), seed, Math.round(bytesPerSecond)];
  await using open = new AsyncDisposableStack();
  const wire = open.use(new LineProcess(program, numbers.map(String)));
  const name = await wire.line();
  // What most systems come with, and what QUIC uses here, whatever this machine is set to.
  const network = `198.18.${last}.0/24`;
  await run("ip", ["route", "replace", network, "dev", name, "congctl", "cubic"]);
  const reachedAt = `198.18.${last}.2`;
  const owned = open.move();
  return {
    hostname: `198.18.${last}.1`,
    reachedAt,
    join: (_quic, { port }) => `http://${reachedAt}:${port}`,
    packets: () => wire.ask(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Real QUIC, and a model of TCP. */
export function openProxies(impairment: Impairment): Network {
  const open = new AsyncDisposableStack();
  const paths: { udp?: Packets; tcp?: Packets } = {};
  const nothing = { sent: 0, lost: 0 };
  return {
    hostname: LOOPBACK,
    reachedAt: LOOPBACK,
    join(quicServer, tcpServer): string {
      const udp = open.use(impairUdp(quicServer.transport.port, impairment));
      const tcp = open.use(impairTcp(tcpServer.port, impairment));
      quicServer.offeredPort = udp.port;
      paths.udp = udp.path;
      paths.tcp = tcp.path;
      return `http://${LOOPBACK}:${tcp.port}`;
    },
    packets: () => Promise.resolve({ udp: paths.udp ?? nothing, tcp: paths.tcp ?? nothing }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
