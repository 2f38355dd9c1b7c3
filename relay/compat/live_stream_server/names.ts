/**
 * What the clients' live streams are called: as each calls itself, and no two alike. One that has said nothing for a while
 * gives its name up to the next that calls itself so: that is the same camera, mostly, whose connection broke without a word.
 *
 * @module
 */

import { isStreamName } from "../../../shared/stream_name.ts";

/** Of a name that a client gives itself. */
const MAX_NAME_CHARS = 48;
/** Cameras send several pictures a second. */
const SILENT_MS = 5_000;

interface Named {
  /** Empty until it has one. */
  name: string;
  heardAt: number;
}

/** Of one listener. */
export class Names {
  readonly #now: () => number;
  readonly #clients = new Map<string, Named>();

  /** @param now ms; tests bring a clock of their own. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(id: string): void {
    this.#clients.set(id, { name: "", heardAt: this.#now() });
  }

  remove(id: string): void {
    this.#clients.delete(id);
  }

  /** The client has said something. */
  heard(id: string): void {
    const client = this.#clients.get(id);
    if (client) client.heardAt = this.#now();
  }

  /** The client calls itself so; the first time counts. */
  wish(id: string, wanted: string): void {
    const client = this.#clients.get(id);
    if (client) client.name ||= this.#free(wanted);
  }

  /** What the client's live stream is called. */
  of(id: string): string {
    this.wish(id, id);
    return streamName(this.#clients.get(id)?.name ?? id);
  }

  #free(wanted: string): string {
    const slug = wanted.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, MAX_NAME_CHARS);
    const base = isStreamName(streamName(slug)) ? slug : "";
    if (base === "") return "";
    for (let n = 1;; n++) {
      const name = n === 1 ? base : `${base}-${n}`;
      if (this.#isFree(name)) return name;
    }
  }

  #isFree(name: string): boolean {
    const holder = [...this.#clients.values()].find((client) => client.name === name);
    if (holder && this.#now() - holder.heardAt <= SILENT_MS) return false;
    if (holder) holder.name = ""; // where it lives after all, it gets another
    return true;
  }
}

function streamName(name: string): string {
  return `live-stream-server/${name}`;
}
