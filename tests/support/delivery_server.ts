/**
 * Hubs behind a real HTTP server with deliveries, and nothing else of a relay: the test says what the streams send.
 *
 * @module
 */

import { Hono } from "hono";
import type { Delivery } from "../../relay/deliveries/delivery.ts";
import { DELIVERIES } from "../../relay/deliveries/mod.ts";
import { Hub } from "../../relay/hub/hub.ts";
import type { Sink } from "../../relay/hub/sink.ts";
import { listen, type RunningServer } from "../../relay/http/server.ts";

/** One stream of the server. */
export interface TestStream {
  readonly name: string;
  readonly hub: Hub;
  offline: string | undefined;
  /** The sinks that deliveries have made for it, oldest first. */
  readonly sinks: Sink[];
}

/** A running server. */
export class DeliveryServer implements AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly #server: RunningServer;
  readonly #streams: ReadonlyMap<string, TestStream>;

  private constructor(server: RunningServer, streams: ReadonlyMap<string, TestStream>) {
    this.#server = server;
    this.#streams = streams;
    this.port = server.address.port;
    this.url = `http://${server.address.hostname}:${this.port}`;
  }

  /** Starts with streams of these names; with all deliveries of the table unless told otherwise. */
  static async start(
    names: readonly string[],
    deliveries: readonly Delivery[] = DELIVERIES.map((open) => open()),
    hostname = "127.0.0.1",
  ): Promise<DeliveryServer> {
    const streams = new Map(names.map((name) => [name, testStream(name)]));
    const server = await listen({ app: new Hono(), streams, first: () => names[0], deliveries }, {
      plain: { hostname, port: 0 },
    });
    return new DeliveryServer(server, streams);
  }

  /** A stream. @throws when there is none of that name. */
  stream(name: string): TestStream {
    const stream = this.#streams.get(name);
    if (!stream) throw new Error(`There is no stream ${name}.`);
    return stream;
  }

  /** Stops it; again is nothing. */
  #stopping: Promise<void> | undefined;
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= Promise.resolve(this.#server[Symbol.asyncDispose]());
    await this.#stopping;
  }
}

function testStream(name: string): TestStream {
  const hub = new Hub();
  const sinks: Sink[] = [];
  const subscribe = hub.subscribe.bind(hub);
  hub.subscribe = (sink) => {
    sinks.push(sink);
    return subscribe(sink);
  };
  return { name, hub, offline: undefined, sinks };
}
