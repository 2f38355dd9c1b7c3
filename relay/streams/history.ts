/**
 * What the runs of a stream leave to those after them: where numbers and times go on, and what was counted. Knows no
 * worker.
 *
 * @module
 */

import type { StreamCounters } from "../../shared/api.ts";
import { MPEG_TIMESCALE } from "../../shared/units.ts";
import { type IngestCounters, newCounters } from "../ingest/counters.ts";
import type { IngestReport } from "../ingest/door.ts";
import type { Continuation } from "../ingest/placing.ts";
import { ORIGIN } from "../ingest/timeline.ts";

/** One stream's, over all its runs. */
export class History {
  /** Runs that were begun because the one before ended by itself. */
  restarts = 0;
  /** Times that what makes the stream live was missing while the source sent on. */
  freezes = 0;
  /** Of the runs that are over. */
  readonly #before: IngestCounters = newCounters();
  #counters: IngestCounters = newCounters();
  #continuation: Continuation = { generation: 0, end: ORIGIN };
  /** When the timeline's end was what {@link Continuation} says. */
  #continuationAt = performance.now();
  /** When this run brought its first bytes, as far as is known. */
  #bytesSince: number | undefined;
  /** When it brought its last, as far as is known. */
  #bytesAt = -Infinity;

  /** A run begins. */
  begin(): void {
    this.#bytesSince = undefined;
  }

  /** How far the run has come. */
  report({ counters, continuation }: IngestReport): void {
    if (counters.bytesIn !== this.#counters.bytesIn) this.#bytesAt = performance.now();
    this.#counters = counters;
    if (counters.bytesIn > 0) this.#bytesSince ??= performance.now();
    if (continuation.end !== this.#continuation.end) this.#continuationAt = performance.now();
    this.#continuation = continuation;
  }

  /** Known at once: a run that breaks before its next report must not be followed by the same number. */
  generation(generation: number): void {
    this.#continuation = { ...this.#continuation, generation };
  }

  /** The run is over. */
  end(): void {
    add(this.#before, this.#counters);
    this.#counters = newCounters();
  }

  /** Where the next run goes on: the time that has passed is a pause of the stream's. */
  get next(): Continuation {
    const silence = ((performance.now() - this.#continuationAt) / 1000) * MPEG_TIMESCALE;
    const { generation, end, sent = end } = this.#continuation;
    return { generation, end: generation === 0 ? end : Math.round(end + silence), sent };
  }

  /** Something came in this run, and nothing in it could be read. */
  get isBarren(): boolean {
    const { bytesIn, videoSamples, audioSamples, heldAccessUnits } = this.#counters;
    return bytesIn > 0 && videoSamples + audioSamples + heldAccessUnits === 0;
  }

  /** Pictures came in this run, and none that anybody could begin with. */
  get isKeyless(): boolean {
    const { videoSamples, heldAccessUnits } = this.#counters;
    return videoSamples === 0 && heldAccessUnits > 0;
  }

  /** How long bytes have come in this run; -Infinity before the first. A slow machine takes long until there are any. */
  get bytesForMs(): number {
    return performance.now() - (this.#bytesSince ?? Infinity);
  }

  /** How long no report has told of bytes; they are a second apart. */
  get silentForMs(): number {
    return performance.now() - this.#bytesAt;
  }

  /** Of all runs. */
  get totals(): StreamCounters {
    const totals = { ...this.#before };
    add(totals, this.#counters);
    return { ...totals, restarts: this.restarts, freezes: this.freezes };
  }
}

function add(sums: IngestCounters, counters: IngestCounters): void {
  for (const name of Object.keys(sums) as (keyof IngestCounters)[]) sums[name] += counters[name];
}
