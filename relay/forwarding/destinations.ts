/**
 * The destinations of a relay by id, which come and go while it runs without their streams noticing (contract §7).
 *
 * @module
 */

import type { DestinationInfo } from "../../shared/api.ts";
import type { Log } from "../log.ts";
import type { Streams } from "../streams/streams.ts";
import type { Destination } from "./destination.ts";
import { Forwarder } from "./forwarder.ts";
import type { ProxySettings } from "./proxy.ts";

/** Destinations of one relay. */
export const MAX_DESTINATIONS = 256;

/** What they work with. */
export interface DestinationsOptions {
  readonly streams: Streams;
  readonly proxies: ProxySettings;
  /** This relay's name in `Via`. */
  readonly self: string;
  readonly log: Log;
}

/** All destinations, running. */
export class Destinations implements AsyncDisposable {
  readonly #options: DestinationsOptions;
  readonly #forwarders = new Map<string, Forwarder>();
  /** What is being ended. The far side takes nobody else in its place before it knows: others wait for that. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: DestinationsOptions) {
    this.#options = options;
  }

  /** Adds a destination, or puts it in the place of the one with its id. `false`: there is no room for another. */
  set(destination: Destination): boolean {
    const known = this.#forwarders.get(destination.id);
    if (!known && this.#forwarders.size >= MAX_DESTINATIONS) return false;
    if (known && JSON.stringify(known.destination) === JSON.stringify(destination)) return true;
    if (known) this.#end(known);
    const after = Promise.all(this.#leaving);
    this.#forwarders.set(destination.id, new Forwarder({ ...this.#options, destination, after }));
    return true;
  }

  /** Ends one; `false` when there is none of that id. */
  remove(id: string): boolean {
    const known = this.#forwarders.get(id);
    if (!known) return false;
    this.#forwarders.delete(id);
    this.#end(known);
    return true;
  }

  get(id: string): DestinationInfo | undefined {
    return this.#forwarders.get(id)?.info;
  }

  /** The session description of an RTP destination; `undefined` where there is none. */
  sdp(id: string): string | undefined {
    return this.#forwarders.get(id)?.sdp;
  }

  /** In the order they were added. */
  list(): DestinationInfo[] {
    return [...this.#forwarders.values()].map(({ info }) => info);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#forwarders.values()) this.#end(each);
    await Promise.all(this.#leaving);
    this.#forwarders.clear();
  }

  #end(forwarder: Forwarder): void {
    const left = forwarder[Symbol.asyncDispose]();
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
  }
}
