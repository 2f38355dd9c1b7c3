/**
 * A stream as MPEG-TS: as it arrived, from a key picture on; made again from the fragments where the source brings none.
 * Once a stream, on a hub of its own, however many take it, and not at all when nobody does.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../../shared/media.ts";
import { Hub } from "../../hub/hub.ts";
import type { Sink } from "../../hub/sink.ts";
import { TsMuxer } from "../../mpegts_out/ts_muxer.ts";
import type { Stream } from "../delivery.ts";
import { PacketFramer } from "./packet_framer.ts";
import { RawGroups } from "./raw_groups.ts";

/** Media type of what its hub carries. */
export const TS_TYPE = "video/mp2t";
/** Pictures that come without the source's bytes for so long, ms, come from somewhere else. */
const RAW_PATIENCE_MS = 1_000;

/** A hub whose batches are transport stream packets, until it is disposed of. */
export interface TsTap extends Disposable {
  readonly hub: Hub;
}

const FEEDS = new WeakMap<Hub, { readonly feed: TsFeed; takers: number }>();

/** The stream as a transport stream, shared with whoever else takes it. */
export function tapTransportStream(stream: Stream): TsTap {
  const known = FEEDS.get(stream.hub) ?? { feed: new TsFeed(stream), takers: 0 };
  FEEDS.set(stream.hub, known);
  known.takers++;
  let open = true;
  return {
    hub: known.feed.hub,
    [Symbol.dispose](): void {
      if (!open) return;
      open = false;
      if (--known.takers > 0) return;
      known.feed[Symbol.dispose]();
      FEEDS.delete(stream.hub);
    },
  };
}

/** One stream as a transport stream, while somebody watches. */
class TsFeed implements Sink {
  readonly transport = "mpegts";
  readonly backlog = 0;
  readonly hub = new Hub();
  readonly #stream: Stream;
  readonly #muxer = new TsMuxer();
  readonly #framer = new PacketFramer();
  readonly #groups = new RawGroups(this.hub);
  #mode: "open" | "as it came" | "made";
  #raw: Disposable | undefined;
  #subscription: Disposable;
  #waitingSince: number | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#raw = stream.raw?.subscribe((bytes) => this.#take(bytes));
    this.#mode = this.#raw ? "open" : "made";
    this.#subscription = stream.hub.subscribe(this);
  }

  get viewers(): number {
    return this.hub.viewers;
  }

  get sentBytes(): number {
    let sent = 0;
    for (const { bytes } of this.hub.outlets().values()) sent += bytes;
    return sent;
  }

  [Symbol.dispose](): void {
    this.#raw?.[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
  }

  init(segment: InitSegment): void {
    if (this.#mode !== "made") return;
    this.#muxer.init(segment);
    // Each run from a key picture on brings its own tables.
    this.hub.init({ ...segment, mime: TS_TYPE, bytes: new Uint8Array(0) });
  }

  push(batch: Batch): void {
    if (this.#mode === "made") {
      this.hub.publish({ ...batch, bytes: this.#muxer.push(batch) });
    } else if (this.#mode === "open") {
      this.#waitingSince ??= performance.now();
      if (performance.now() - this.#waitingSince > RAW_PATIENCE_MS) this.#make();
    }
  }

  skipped(): void {
    // It keeps up: its backlog is always 0.
  }

  offline(reason: string): void {
    this.hub.offline(reason);
  }

  close(_why: "stuck" | "gone", reason: string): void {
    this.hub.close(reason);
  }

  #take(bytes: Bytes): void {
    const packets = this.#framer.push(bytes);
    const { isTransportStream } = this.#framer;
    if (isTransportStream === false) {
      this.#make();
      return;
    }
    if (isTransportStream) this.#mode = "as it came";
    if (packets.length > 0) this.#groups.push(packets);
  }

  /** The source brings no transport stream: from the current group on, one is made. */
  #make(): void {
    if (this.#mode === "made") return;
    this.#mode = "made";
    this.#raw?.[Symbol.dispose]();
    this.#raw = undefined;
    this.#subscription[Symbol.dispose]();
    this.#subscription = this.#stream.hub.subscribe(this);
  }
}
