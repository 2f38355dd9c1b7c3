/**
 * The destinations that the API adds, changes and removes (contract §7, §9): sent to at once where the relay was started
 * with leave to reach them, kept for the next start in any case. What the configuration names is its alone.
 *
 * @module
 */

import type { Config } from "./config.ts";
import {
  type Destination,
  DestinationError,
  parseDestination,
  type WrittenDestination,
} from "./forwarding/destination.ts";
import { type Destinations, MAX_DESTINATIONS } from "./forwarding/destinations.ts";
import { reachOf } from "./forwarding/reach.ts";
import type { DestinationChange, DestinationChanges } from "./http/destinations_api.ts";
import type { KeptStore } from "./kept_store.ts";
import type { Log } from "./log.ts";
import { missingPermissions } from "./missing_permissions.ts";

/** What the API works with. */
export interface KeptDestinationsOptions {
  readonly destinations: Destinations;
  readonly store: KeptStore;
  readonly log: Log;
  readonly proxies: Config["proxies"];
  /** Ids of the configuration's, as they are in force. */
  readonly configured: () => readonly string[];
}

/** The API's destinations. */
export class KeptDestinations implements DestinationChanges {
  readonly #options: KeptDestinationsOptions;
  /** Of those that take a new start, what they need. */
  readonly #needs = new Map<string, readonly string[]>();

  constructor(options: KeptDestinationsOptions) {
    this.#options = options;
  }

  /** Sends to what was kept. */
  start(kept: readonly Destination[]): void {
    for (const destination of kept) this.#options.destinations.set(destination);
  }

  /** What takes a new start to be in force, a few words each. */
  get restart(): string[] {
    return [...this.#needs].map(([id, needs]) => `${id}: ${needs.join(", ")}`);
  }

  put(written: WrittenDestination): Promise<DestinationChange> {
    return this.#options.store.inTurn(() => this.#put(written));
  }

  remove(id: string): Promise<DestinationChange> {
    return this.#options.store.inTurn(() => this.#remove(id));
  }

  /** The configuration has these destinations now: they are the API's no more. */
  yield(ids: Iterable<string>): Promise<void> {
    const { store, log } = this.#options;
    return store.inTurn(async () => {
      const left = new Map(store.kept.written);
      for (const id of ids) {
        if (!left.delete(id)) continue;
        this.#needs.delete(id);
        log.info("the configuration has this destination now", { destination: id });
      }
      if (left.size === store.kept.written.size) return;
      const problem = await store.save({ written: left });
      if (problem !== undefined) log.warn(problem);
    });
  }

  async #put(written: WrittenDestination): Promise<DestinationChange> {
    const { destinations, store, configured, proxies } = this.#options;
    let destination: Destination;
    try {
      destination = parseDestination(written);
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error;
      return { kind: "wrong", field: error.field, sentence: error.message };
    }
    const { id, ...rest } = written;
    if (configured().includes(id)) return { kind: "configured" };
    const known = destinations.get(id) !== undefined;
    const others = destinations.list().map((each) => each.id);
    const ids = new Set([...others, ...store.kept.written.keys(), id]);
    if (ids.size > MAX_DESTINATIONS) return { kind: "full" };
    const sentence = await store.save({ written: new Map([...store.kept.written, [id, rest]]) });
    if (sentence !== undefined) return { kind: "unsaved", sentence };
    const needs = missingPermissions({ net: reachOf(destination.url, proxies) });
    if (needs.length > 0) {
      this.#needs.set(id, needs);
      return { kind: "restart", needs };
    }
    this.#needs.delete(id);
    destinations.set(destination);
    const info = destinations.get(id);
    return info ? { kind: known ? "changed" : "added", info } : { kind: "full" };
  }

  async #remove(id: string): Promise<DestinationChange> {
    const { destinations, store, configured } = this.#options;
    if (configured().includes(id)) return { kind: "configured" };
    const left = new Map(store.kept.written);
    const kept = left.delete(id);
    if (!kept && !destinations.get(id)) return { kind: "unknown" };
    const sentence = kept ? await store.save({ written: left }) : undefined;
    if (sentence !== undefined) return { kind: "unsaved", sentence };
    this.#needs.delete(id);
    destinations.remove(id);
    return { kind: "removed" };
  }
}
