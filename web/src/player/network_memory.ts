/**
 * What did not get through on this network lately, so that it is not waited for again and again: kept by the browser
 * for the page's origin, apart for each relay, and for Wi-Fi, cable and mobile where the browser tells them apart, and
 * forgotten after a while. A way that failed is tried last, not never.
 *
 * @module
 */

/** A way that could not be opened is tried last for so long, ms. */
export const NO_WAY_MS = 10 * 60_000;
/** One that broke in use, ms: that may have been the network's bad moment. */
export const BROKE_MS = 60_000;

const KEY = "rill.transports-that-failed";

/** The part of `localStorage` that is used. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** What a memory is made of. */
export interface NetworkMemoryOptions {
  /** `undefined` where the browser allows none: then it lasts as long as the page. */
  readonly store: Store | undefined;
  /** Name of the network, as far as it is known: its kind, and the relay. */
  readonly network: () => string;
}

/** See above. */
export class NetworkMemory {
  readonly #options: NetworkMemoryOptions;
  #untils: Record<string, number>;

  constructor(options: NetworkMemoryOptions) {
    this.#options = options;
    this.#untils = read(options.store);
  }

  /** This way failed: for `forMs` it is tried last. */
  failed(name: string, forMs: number): void {
    const now = Date.now();
    this.#untils = Object.fromEntries(
      Object.entries(this.#untils).filter(([, until]) => isRemembered(until, now)),
    );
    this.#untils[this.#keyOf(name)] = now + forMs;
    try {
      this.#options.store?.setItem(KEY, JSON.stringify(this.#untils));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // no room: then for this page alone
    }
  }

  /** Those that failed behind the others, a last resort behind all; else in their own order. */
  order<Way extends { readonly name: string; readonly lastResort: boolean }>(
    ways: readonly Way[],
  ): readonly Way[] {
    const bad = ({ name, lastResort }: Way): number => {
      if (lastResort) return 2;
      return this.remembers(name) ? 1 : 0;
    };
    return [...ways].sort((one, other) => bad(one) - bad(other));
  }

  /** Whether this way failed lately. */
  remembers(name: string): boolean {
    return isRemembered(this.#untils[this.#keyOf(name)] ?? 0, Date.now());
  }

  #keyOf(name: string): string {
    return `${name} ${this.#options.network()}`;
  }
}

/** What is further off than anything is remembered for was written when the clock was wrong. */
function isRemembered(until: number, now: number): boolean {
  return until > now && until <= now + NO_WAY_MS;
}

function read(store: Store | undefined): Record<string, number> {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter(([, until]) => typeof until === "number"),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // somebody else's
    throw error;
  }
}

/** The memory of this browser. @param url the stream's page: pages elsewhere may show streams of several relays. */
export function memoryHere(url: string): NetworkMemory {
  const { connection } = navigator as { connection?: { readonly type?: string } };
  const { host } = new URL(url);
  return new NetworkMemory({
    store: storeHere(),
    network: () => `${connection?.type ?? ""} ${host}`,
  });
}

function storeHere(): Store | undefined {
  try {
    return globalThis.localStorage;
  } catch (error) {
    if (error instanceof DOMException) return undefined; // forbidden by the user, or in a sandboxed frame
    throw error;
  }
}
