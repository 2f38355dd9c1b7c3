/**
 * One stream's fan-out: each batch goes by reference to every taker, as fast as each can take it. Knows
 * batches and sinks only; neither where the media comes from nor how it travels on.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";
import { type Micros, micros } from "../../shared/units.ts";
import {
  backlogLimit,
  giveUp,
  isLate,
  judge,
  type Judged,
  lateLimit,
  newPace,
  type Pace,
  push,
  type Verdict,
} from "./catch_up.ts";
import { GroupRing } from "./group_ring.ts";
import { Meter } from "./meter.ts";
import type { Sink } from "./sink.ts";

/** One taker and what the hub remembers of it. */
interface Taker {
  readonly sink: Sink;
  readonly pace: Pace;
  /** What had gone out by the sink before it came. */
  readonly sentBefore: number;
  /** It has this generation's init segment and a key picture to stand on. */
  entered: boolean;
  skippedFragments: number;
  /** Capture time of the first batch it missed. */
  skippedSince: Micros;
}

/** What all takers together were spared. */
export interface HubStats {
  skips: number;
  skippedFragments: number;
  evicted: number;
}

/** One transport's share. */
export interface Outlet {
  /** Who watches by it now. */
  viewers: number;
  /** Bytes sent to all it ever had. */
  bytes: number;
}

/**
 * So many takers are judged before the first of them is sent to. A send leaves nothing of theirs in a processor's cache: what
 * is known of each comes from memory, which is quicker for some at once than for each between two sends.
 */
const JUDGED_TOGETHER = 32;

function bytesOf({ sink, pace, sentBefore }: Taker): number {
  return sink.sentBytes === undefined ? pace.pushed : sink.sentBytes - sentBefore;
}

/** What becomes of a batch; where its taker's way lets it, what is late makes place for a new group. */
function verdict({ sink, pace }: Taker, judged: Judged): Verdict {
  let late = sink.tells ?? false;
  if (sink.giveUp) {
    late = isLate(pace, sink.backlog, judged.now);
    if (judged.key && (late || pace.behind)) {
      pace.behind = true;
      if (!sink.giveUp()) return "skip";
      giveUp(pace);
      late = false;
    }
  }
  return judge(pace, sink.backlog, judged, late);
}

/** This process's monotonic time; only differences are used. */
function now(): Micros {
  return micros(performance.now() * 1000);
}

/** Fans one stream out. Hot: {@link Hub.publish} runs once per batch and loops over all takers. */
export class Hub {
  readonly stats: HubStats = { skips: 0, skippedFragments: 0, evicted: 0 };
  /** Called with the number of takers when one has come or gone. */
  onTakers: ((takers: number) => void) | undefined;
  readonly #takers = new Set<Taker>();
  /** Bytes sent to takers that are gone, by transport. */
  readonly #left = new Map<string, number>();
  readonly #ring = new GroupRing();
  readonly #meter = new Meter();
  #segment: InitSegment | undefined;
  #offline: string | undefined;
  /** Sound that comes before the generation's first key picture is for those who are there from its start. */
  #keySeen = false;
  /** When the current group began, and how long the one before it was. */
  #groupAt: Micros | undefined;
  #groupLength = micros(0);

  /** The init segment in force. */
  get segment(): InitSegment | undefined {
    return this.#segment;
  }

  /** Batches from the newest key picture to now. */
  get group(): readonly Batch[] {
    return this.#ring.batches;
  }

  /** Number of takers. */
  get takers(): number {
    return this.#takers.size;
  }

  /** Who watches: a recorder is none, and one taker may stand for many. */
  get viewers(): number {
    let viewers = 0;
    for (const { sink } of this.#takers) if (sink.watched !== false) viewers += sink.viewers ?? 1;
    return viewers;
  }

  /** Bits and pictures a second over the last seconds. */
  get rates(): { bitrate: number; fps: number } {
    const { bytes, pictures } = this.#meter.rates(now());
    return { bitrate: Math.round(bytes * 8), fps: Math.round(pictures * 100) / 100 };
  }

  /** What goes out, by transport; only of takers that name one. */
  outlets(): Map<string, Outlet> {
    const outlets = new Map<string, Outlet>();
    for (const [transport, bytes] of this.#left) outlets.set(transport, { viewers: 0, bytes });
    for (const taker of this.#takers) {
      const { transport, viewers = 1 } = taker.sink;
      if (transport === undefined) continue;
      const outlet = outlets.get(transport) ?? { viewers: 0, bytes: 0 };
      outlet.viewers += viewers;
      outlet.bytes += bytesOf(taker);
      outlets.set(transport, outlet);
    }
    return outlets;
  }

  /** A generation begins: what was kept of the last is of no use to those who join now. */
  init(segment: InitSegment): void {
    this.#segment = segment;
    this.#offline = undefined;
    this.#ring.clear();
    this.#keySeen = false;
    this.#groupAt = undefined;
    for (const taker of this.#takers) {
      taker.entered = false;
      taker.pace.behind = false;
    }
  }

  /** How the clock stands that the capture times are of: known better than when the generation began. */
  retime({ offset, error }: { readonly offset: Micros; readonly error: Micros }): void {
    if (this.#segment) {
      this.#segment = { ...this.#segment, clockOffset: offset, clockError: error };
    }
  }

  /** One batch to all. */
  publish(batch: Batch): void {
    const segment = this.#segment;
    if (segment === undefined || batch.generation !== segment.generation) return;
    this.#ring.push(batch);
    this.#keySeen ||= batch.key;
    const time = now();
    let pictures = 0;
    const video = segment.tracks.find(({ kind }) => kind === "video")?.id;
    for (const { track } of batch.fragments) if (track === video) pictures++;
    if (pictures > 0 || video === undefined) this.#offline = undefined; // sound beside pictures that ceased is no sign
    this.#meter.count(time, { bytes: batch.bytes.length, pictures });
    if (batch.key) {
      this.#groupLength = micros(this.#groupAt === undefined ? 0 : time - this.#groupAt);
      this.#groupAt = time;
    }
    const rate = this.#meter.rates(time).bytes;
    const judged = {
      key: batch.key,
      limit: backlogLimit(rate),
      lateLimit: lateLimit(rate, this.#groupLength / 1e6),
      now: time,
    };
    let due: Taker[] = [];
    for (const taker of this.#takers) {
      if (!taker.entered) {
        if (!batch.key && this.#keySeen) continue;
        this.#enter(taker, segment);
      }
      if (!this.#isDue(taker, batch, judged)) continue;
      if (due.push(taker) < JUDGED_TOGETHER) continue;
      this.#send(batch, due);
      due = [];
    }
    this.#send(batch, due);
  }

  /** The stream stopped; `reason` is a sentence for the user. */
  offline(reason: string): void {
    if (this.#offline === reason) return;
    this.#offline = reason;
    this.#ring.clear(); // what was live is not live any more
    for (const { sink } of this.#takers) sink.offline(reason);
  }

  /** The stream is no more. */
  close(reason: string): void {
    for (const taker of [...this.#takers]) {
      this.#leave(taker);
      taker.sink.close("gone", reason);
    }
  }

  /**
   * Adds a taker. It gets the init segment and the whole current group at once, then what comes. Disposing of
   * the subscription ends it; `sink.close` is not called then.
   */
  subscribe(sink: Sink): Disposable {
    const taker: Taker = {
      sink,
      pace: newPace(0, now()),
      sentBefore: sink.sentBytes ?? 0,
      entered: false,
      skippedFragments: 0,
      skippedSince: micros(0),
    };
    this.#takers.add(taker);
    if (this.#offline !== undefined) sink.offline(this.#offline);
    if (this.#segment && this.#ring.batches.length > 0) {
      this.#enter(taker, this.#segment);
      taker.pace.allowance = this.#ring.bytes;
      for (const batch of this.#ring.batches) {
        taker.pace.pushed += batch.bytes.length;
        sink.push(batch);
      }
    }
    this.onTakers?.(this.#takers.size);
    return { [Symbol.dispose]: () => this.#leave(taker) };
  }

  #leave(taker: Taker): void {
    if (!this.#takers.delete(taker)) return;
    taker.entered = false;
    this.onTakers?.(this.#takers.size);
    const { transport } = taker.sink;
    if (transport === undefined) return;
    this.#left.set(transport, (this.#left.get(transport) ?? 0) + bytesOf(taker));
  }

  #enter(taker: Taker, segment: InitSegment): void {
    taker.entered = true;
    taker.pace.pushed += segment.bytes.length;
    taker.sink.init(segment);
  }

  #isDue(taker: Taker, batch: Batch, judged: Judged): boolean {
    switch (verdict(taker, judged)) {
      case "send":
        push(taker.pace, batch.bytes.length, judged.now);
        return true;
      case "skip":
        if (taker.skippedFragments === 0) taker.skippedSince = batch.arrival;
        taker.skippedFragments += batch.fragments.length;
        return false;
      case "evict":
        this.stats.evicted++;
        this.#leave(taker);
        taker.sink.close("stuck", "this viewer has taken nothing for 30 s");
        return false;
    }
  }

  #send(batch: Batch, due: readonly Taker[]): void {
    for (const taker of due) {
      if (!taker.entered) continue; // it left while another was served
      if (taker.skippedFragments > 0) this.#tellSkipped(taker, batch);
      taker.sink.push(batch);
    }
  }

  #tellSkipped(taker: Taker, batch: Batch): void {
    this.stats.skips++;
    this.stats.skippedFragments += taker.skippedFragments;
    taker.sink.skipped({
      fragments: taker.skippedFragments,
      // The origin clock may have been set back where a generation began.
      ms: Math.max(0, Math.round((batch.arrival - taker.skippedSince) / 1000)),
    });
    taker.skippedFragments = 0;
  }
}
