/**
 * `/live/{name}/stream.ts`: the transport stream as it arrived, from a key picture on; made again from the fragments
 * where the source brings none. Once a stream, on a hub of its own, however many watch, and not at all when nobody does.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { Batch, InitSegment } from "../../../shared/media.ts";
import { Hub } from "../../hub/hub.ts";
import type { Sink } from "../../hub/sink.ts";
import { TsMuxer } from "../../mpegts_out/ts_muxer.ts";
import { MAX_WAIT_MS, serveBody } from "../body.ts";
import type { Delivery, DeliveryRequest, Stream } from "../delivery.ts";
import { PacketFramer } from "./packet_framer.ts";
import { RawGroups } from "./raw_groups.ts";

const TYPE = "video/mp2t";
/** Pictures that come without the source's bytes for so long, ms, come from somewhere else. */
const RAW_PATIENCE_MS = 1_000;

/** One stream as a transport stream, while somebody watches. */
class TsFeed implements Sink {
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

  [Symbol.dispose](): void {
    this.#raw?.[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
  }

  init(segment: InitSegment): void {
    if (this.#mode !== "made") return;
    this.#muxer.init(segment);
    // Each run from a key picture on brings its own tables.
    this.hub.init({ ...segment, mime: TYPE, bytes: new Uint8Array(0) });
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

/** Opens the delivery. @param maxWaitMs tests wait less. */
export function openStreamTs(maxWaitMs = MAX_WAIT_MS): Delivery {
  const feeds = new Map<Hub, { readonly feed: TsFeed; viewers: number }>();

  function request(what: DeliveryRequest): void {
    const { hub } = what.stream;
    const known = feeds.get(hub) ?? { feed: new TsFeed(what.stream), viewers: 0 };
    feeds.set(hub, known);
    known.viewers++;
    serveBody(what, {
      hub: known.feed.hub,
      type: TYPE,
      newGeneration: "goes on",
      maxWaitMs,
      closed: () => {
        if (--known.viewers > 0) return;
        known.feed[Symbol.dispose]();
        feeds.delete(hub);
      },
    });
  }

  return { resource: "stream.ts", request };
}
