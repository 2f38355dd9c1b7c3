/**
 * What lost packets do to a live picture: WebTransport beside WebSocket, the same pictures at the same time, through
 * a network that loses and delays what the relay sends (`loss_networks.ts`). A picture has arrived when the
 * transport hands it to the player.
 *
 * @module
 */

import { readFragments } from "../../shared/mp4/fragment_reader.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { websocket } from "../../web/src/transports/websocket.ts";
import type { Closure, Transport } from "../../web/src/transports/transport.ts";
import { webtransport } from "../../web/src/transports/webtransport.ts";
import { describeStream } from "../support/batches.ts";
import { DeliveryServer } from "../support/delivery_server.ts";
import { until } from "../support/relay.ts";
import type { Hub } from "../../relay/hub/hub.ts";
import { WebTransportServer } from "../support/webtransport_server.ts";
import { type Bench, type Figure, percentile } from "./bench.ts";
import { compile } from "./c_programs.ts";
import { mayWire, type Network, openProxies, openWire, type Packets } from "./loss_networks.ts";

const RATE = 30;
const GROUP = 30;
const SECONDS = 20;
/** Of each transport, each with losses of its own: a percentile of one is not to be held against another's. */
const VIEWERS = 4;
const DELAY_MS = 40;
/** What the network does. */
interface Weather {
  readonly loss: number;
  /** Of the stream's bit rate, what the link carries. */
  readonly part?: number;
}
const WEATHERS: readonly Weather[] = [
  { loss: 0 },
  { loss: 0.02 },
  { loss: 0.05 },
  { loss: 0, part: 0.5 },
];
/** 1 Mb/s, as a GoPro's preview. */
const KEY_BYTES = 20_000;
const PICTURE_BYTES = 3_500;
const BYTES_PER_SECOND = (KEY_BYTES + (GROUP - 1) * PICTURE_BYTES) * RATE / GROUP;
const TICKS = 90_000 / RATE;
/** Late pictures are waited for so long. */
const PATIENCE_MS = 3_000;

/** When the pictures of one transport arrived, by decode time in ticks; `performance.now()`. */
class Arrivals {
  readonly at = new Map<number, number>();
  /** Why there is no connection any more: what would have come by it is not what the network lost. */
  over: Closure | undefined;
  readonly #stop = new AbortController();

  static async open(transport: Transport, url: string): Promise<Arrivals> {
    const arrivals = new Arrivals();
    const receiver = { media: (bytes: Bytes) => arrivals.#take(bytes), control: () => {} };
    const { signal } = arrivals.#stop;
    const connection = await transport.open(url, { receiver, signal });
    void connection.closed.then((closure) => arrivals.over = closure);
    return arrivals;
  }

  #take(bytes: Bytes): void {
    const now = performance.now();
    for (const { tracks } of readFragments(bytes)) {
      const dts = tracks[0]?.dts;
      if (dts !== undefined) this.at.set(dts, now);
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

/** Of all viewers of one transport. */
interface Seen {
  readonly p50: number;
  readonly p95: number;
  /** Of the pictures that groups begin with, which are the largest. */
  readonly keyP95: number;
  /** Longest time by which a picture came later after the one before than it should, ms. */
  readonly freezeMs: number;
  /** Never handed on, percent. */
  readonly leftOut: number;
  /** Packets that the network lost, percent. */
  readonly lost: number;
}

function seen(
  sentAt: ReadonlyMap<number, number>,
  viewers: readonly Arrivals[],
  { sent, lost }: Packets,
): Seen {
  const latencies: number[] = [];
  const ofKeys: number[] = [];
  let freezeMs = 0;
  for (const { at } of viewers) {
    let last: number | undefined;
    for (const [dts, sent] of sentAt) {
      const arrived = at.get(dts);
      if (arrived === undefined) continue;
      latencies.push(arrived - sent);
      if (dts % (GROUP * TICKS) === 0) ofKeys.push(arrived - sent);
      if (last !== undefined) freezeMs = Math.max(freezeMs, arrived - last - 1000 / RATE);
      last = Math.max(last ?? 0, arrived);
    }
  }
  const all = sentAt.size * viewers.length;
  return {
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    keyP95: percentile(ofKeys, 0.95),
    freezeMs,
    leftOut: 100 * (all - latencies.length) / all,
    lost: 100 * lost / sent,
  };
}

async function watch(network: Network): Promise<{ quic: Seen; tcp: Seen }> {
  const { hostname, reachedAt } = network;
  await using quicServer = await WebTransportServer.start(["cam"], { hostname, reachedAt });
  await using tcpServer = await DeliveryServer.start(["cam"], undefined, hostname);
  const tcpUrl = network.join(quicServer, tcpServer);
  const hubs = [quicServer.hub("cam"), tcpServer.stream("cam").hub];
  const quicViewers: Arrivals[] = [];
  const tcpViewers: Arrivals[] = [];
  try {
    for (let i = 0; i < VIEWERS; i++) {
      quicViewers.push(await Arrivals.open(webtransport, `${quicServer.url}/live/cam`));
      tcpViewers.push(await Arrivals.open(websocket, `${tcpUrl}/live/cam`));
    }
    await until(() => hubs.every(({ takers }) => takers === VIEWERS), { what: "all viewers" });
    const sentAt = await send(hubs);
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    for (const { over } of [...quicViewers, ...tcpViewers]) {
      if (over) throw new Error(`a viewer's connection ended (${over.code} ${over.reason})`);
    }
    const { udp, tcp } = await network.packets();
    return { quic: seen(sentAt, quicViewers, udp), tcp: seen(sentAt, tcpViewers, tcp) };
  } finally {
    for (const viewer of [...quicViewers, ...tcpViewers]) viewer.close();
  }
}

/** Publishes the stream at its rate; when each picture set out, by decode time. */
async function send(hubs: readonly Hub[]): Promise<ReadonlyMap<number, number>> {
  const { segment, batches } = describeStream(
    Array.from({ length: SECONDS * RATE }, (_, i) => ({
      kind: "picture" as const,
      dts: i * TICKS,
      arrival: i * 1e6 / RATE,
      key: i % GROUP === 0,
      bytes: i % GROUP === 0 ? KEY_BYTES : PICTURE_BYTES,
    })),
  );
  for (const hub of hubs) hub.init(segment);
  const sentAt = new Map<number, number>();
  const began = performance.now();
  for (const [i, batch] of batches.entries()) {
    const wait = began + i * 1000 / RATE - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sentAt.set(i * TICKS, performance.now());
    for (const hub of hubs) hub.publish(batch);
  }
  return sentAt;
}

async function run(folder: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const wire = mayWire() ? (await compile(folder)).wire : undefined;
  for (const { loss, part } of WEATHERS) {
    const impairment = {
      ...{ delayMs: DELAY_MS, loss, seed: 7 },
      ...(part === undefined ? {} : { bytesPerSecond: part * BYTES_PER_SECOND }),
    };
    await using network = wire ? await openWire(wire, impairment) : openProxies(impairment);
    const { quic, tcp } = await watch(network);
    const name = part === undefined ? `${loss * 100} % lost` : `${part} × the bit rate`;
    const beside = (what: string, key: keyof Seen, unit: string): Figure => ({
      name: `${name}: ${what}`,
      value: quic[key],
      unit,
      against: { name: wire ? "WebSocket" : "WebSocket, TCP modelled", value: tcp[key] },
    });
    figures.push(
      beside("latency p50", "p50", "ms"),
      beside("latency p95", "p95", "ms"),
      beside("latency p95 of key pictures", "keyP95", "ms"),
      beside("longest freeze", "freezeMs", "ms"),
      beside("left out", "leftOut", "%"),
      beside("sent and lost", "lost", "%"),
    );
  }
  return figures;
}

/** The bench. */
export const loss: Bench = {
  name: "loss",
  about:
    `relay → player over WebTransport beside WebSocket, ${DELAY_MS} ms delay, groups of ${GROUP} at ${RATE} a second`,
  run,
};
