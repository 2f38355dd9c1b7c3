/**
 * One destination's life: waits for its stream's pictures, connects, hands the hub a sink, and begins again when the way
 * ends, later each time. Never touches media, and is a taker like any other: what it cannot take is skipped.
 *
 * @module
 */

import type { DestinationInfo, DestinationState } from "../../shared/api.ts";
import { hideCredentials, withoutKeys } from "../../shared/credentials.ts";
import { sleep } from "../../shared/sleep.ts";
import { type Micros, micros } from "../../shared/units.ts";
import { tapTransportStream } from "../deliveries/mpegts/ts_feed.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/sink.ts";
import type { Log } from "../log.ts";
import { backOff } from "../streams/back_off.ts";
import type { Streams } from "../streams/streams.ts";
import type { Supervisor } from "../streams/supervisor.ts";
import { addressOf } from "./address.ts";
import { ConnectionError, openConnection } from "./connection.ts";
import type { Destination } from "./destination.ts";
import { openHttpOutlet } from "./http_outlet.ts";
import type { Outlet, OutletEnd } from "./outlet.ts";
import { bare, type ProxySettings } from "./proxy.ts";
import { openRtpOutlet, rtpDescription } from "./rtp_outlet.ts";
import { stopAt, writeVia } from "../../shared/via.ts";
import { openWebSocketOutlet } from "./websocket_outlet.ts";

/** A way that was open so long counts as a success: the next failure begins a new row of tries. */
const STEADY_MS = 10_000;
/** A host that does not answer, nor a name server, costs nobody anything to be asked: it is, about so often. */
const UNREACHED_MS = 600;
/** One that said no is asked again so much later. */
const REFUSED_TRIES = 4;

/** What a forwarder works with. */
export interface ForwarderOptions {
  readonly destination: Destination;
  readonly streams: Streams;
  readonly proxies: ProxySettings;
  /** This relay's name in `Via`. */
  readonly self: string;
  readonly log: Log;
  /** What it waits for before it begins. Never rejects. */
  readonly after?: Promise<unknown>;
}

/** Runs until it is disposed of. */
export class Forwarder implements AsyncDisposable {
  readonly destination: Destination;
  readonly #options: ForwarderOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #state: DestinationState = { kind: "waiting" };
  /** Why it is not sent, as the log has it: tried again and again, it is said once. */
  #said: string | undefined;
  /** That the host of an RTP destination was found to have. */
  #address: string | undefined;
  #bytes = 0;
  #skippedFragments = 0;
  #skippedMs = 0;
  #connections = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.destination = options.destination;
    this.#running = this.#run();
  }

  /** As the API tells it: without its secrets. */
  get info(): DestinationInfo {
    const { id, stream, format } = this.destination;
    return {
      ...{ id, stream, url: this.#shown, format },
      state: this.#state,
      bytes: this.#bytes,
      skipped: { fragments: this.#skippedFragments, ms: this.#skippedMs },
      connections: this.#connections,
    };
  }

  /** The address, for people: a query may have a token in it, and a path a share link's key. */
  get #shown(): string {
    return withoutKeys(hideCredentials(this.destination.url));
  }

  /** The session description of RTP that goes there; `undefined` for other formats, and before the first packet. */
  get sdp(): string | undefined {
    const { streams } = this.#options;
    const segment = streams.get(this.destination.stream)?.hub.segment;
    const address = this.#address;
    if (!segment || address === undefined) return undefined;
    return rtpDescription({ destination: this.destination, segment, address });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    await this.#options.after;
    let failures = 0;
    while (!signal.aborted) {
      const stream = await this.#pictures();
      if (!stream) return;
      this.#state = { kind: "connecting" };
      const began = performance.now();
      const { reason, refused, unreached } = await this.#once(stream);
      if (signal.aborted) return;
      failures = performance.now() - began > STEADY_MS ? 1 : failures + 1;
      const tries = refused ? failures + REFUSED_TRIES : failures;
      const wait = unreached
        ? UNREACHED_MS * (0.5 + Math.random() / 2)
        : backOff(tries, Math.random());
      this.#offline(reason, wait);
      await sleep(wait, signal);
    }
  }

  /** Connects and sends until the way ends. */
  async #once(stream: Supervisor): Promise<OutletEnd & { readonly unreached?: boolean }> {
    const { destination, proxies, self } = this.#options;
    const via = (): string => writeVia([...stream.via, stopAt(self, stream.name)]);
    const url = new URL(destination.url);
    const { signal } = this.#stop;
    try {
      const report = {
        pushed: (bytes: number) => void (this.#bytes += bytes),
        skipped: ({ fragments, ms }: { readonly fragments: number; readonly ms: number }) => {
          this.#skippedFragments += fragments;
          this.#skippedMs += ms;
        },
      };
      const base = { destination, report, now: () => originTime(stream.hub) };
      if (url.protocol === "rtp:") {
        const address = this.#address = await addressOf(bare(url.hostname), signal);
        return await this.#send(stream, openRtpOutlet({ ...base, address }));
      }
      const socket = await openConnection(url, { proxies, signal });
      const open = url.protocol.startsWith("ws") ? openWebSocketOutlet : openHttpOutlet;
      // One that never becomes a WebSocket is not waited for by a relay that stops.
      const giveUp = (): void => void socket.destroy();
      signal.addEventListener("abort", giveUp);
      const outlet = await open({ ...base, socket, via });
      signal.removeEventListener("abort", giveUp);
      return await this.#send(stream, outlet);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return {
        reason: error.message,
        refused: false,
        unreached: /answer|no way leads|no name server/.test(error.message),
      };
    }
  }

  async #send(stream: Supervisor, outlet: Outlet): Promise<OutletEnd> {
    const { signal } = this.#stop;
    using tap = this.destination.format === "ts" ? tapTransportStream(stream) : undefined;
    const ended = await Promise.race([outlet.ended, Promise.resolve(undefined)]);
    if (ended) return ended;
    const stop = (): void => outlet.close();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    this.#connections++;
    this.#said = undefined;
    this.#state = { kind: "sending", since: new Date().toISOString() };
    this.#options.log.info(
      `${this.destination.id}: sending ${stream.name} to ${this.#shown}`,
    );
    using _subscription = (tap?.hub ?? stream.hub).subscribe(outlet.sink);
    const end = await outlet.ended;
    signal.removeEventListener("abort", stop);
    return end;
  }

  /** Waits until there is a stream of that name and its pictures flow; it is taken for watched meanwhile. */
  async #pictures(): Promise<Supervisor | undefined> {
    const { streams } = this.#options;
    const { signal } = this.#stop;
    const { stream: name } = this.destination;
    while (!signal.aborted) {
      const stream = streams.get(name);
      const next = Promise.withResolvers<Supervisor | undefined>();
      const stop = (): void => next.resolve(undefined);
      signal.addEventListener("abort", stop);
      using _change = streams.onChange(() => {
        if (streams.get(name) !== stream) next.resolve(undefined);
      });
      if (this.#state.kind !== "offline") {
        this.#state = stream
          ? { kind: "waiting" }
          : { kind: "offline", reason: `there is no stream ${name}` };
      }
      using _watch = stream?.hub.subscribe(new Lookout(() => next.resolve(stream)));
      const found = await next.promise;
      signal.removeEventListener("abort", stop);
      if (found) return found;
    }
    return undefined;
  }

  #offline(reason: string, wait: number): void {
    const retryAt = new Date(Date.now() + wait).toISOString();
    this.#state = { kind: "offline", reason, retryAt };
    if (reason !== this.#said) this.#options.log.warn(`${this.destination.id}: ${reason}`);
    this.#said = reason;
  }
}

/** Sees the first picture go by. */
class Lookout implements Sink {
  readonly watched = false;
  readonly backlog = 0;
  readonly #seen: () => void;

  constructor(seen: () => void) {
    this.#seen = seen;
  }

  init(): void {}

  push(): void {
    this.#seen();
  }

  skipped(): void {}

  offline(): void {}

  close(): void {}
}

function originTime(hub: Hub): Micros {
  const offset = hub.segment?.clockOffset ?? 0;
  return micros((performance.timeOrigin + performance.now()) * 1000 + offset);
}
