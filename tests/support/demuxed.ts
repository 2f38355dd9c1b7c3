/**
 * What a demuxer hands on, kept in the order it came: copies of what was lent, and every gap.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { micros } from "../../shared/units.ts";
import { newCounters } from "../../relay/ingest/counters.ts";
import type { StreamHandler } from "../../relay/mpegts/demux_output.ts";
import { Demuxer } from "../../relay/mpegts/demuxer.ts";
import type { StreamEntry } from "../../relay/mpegts/psi.ts";

/** One call to a stream's taker. */
export type DemuxEvent =
  | {
    readonly kind: "packet";
    readonly pid: number;
    readonly payload: Bytes;
    readonly pts: number | undefined;
    readonly dts: number | undefined;
    readonly arrival: number;
  }
  | { readonly kind: "gap"; readonly pid: number; readonly damaged: boolean };

/** A demuxer and everything it said. */
export class Demuxed {
  readonly counters = newCounters();
  readonly events: DemuxEvent[] = [];
  readonly notes: string[] = [];
  readonly programs: StreamEntry[][] = [];
  readonly demuxer: Demuxer;
  readonly #takers = new Map<string, StreamHandler>();

  /** @param wants whether a stream of that type is taken. */
  constructor(wants: (streamType: number) => boolean = () => true) {
    this.demuxer = new Demuxer({
      program: (streams) => {
        this.programs.push([...streams]);
        return streams.map((stream) => wants(stream.streamType) ? this.#taker(stream) : undefined);
      },
      plays: ({ streamType }) => wants(streamType),
      note: (sentence) => void this.notes.push(sentence),
    }, this.counters);
  }

  /** Pushes all of `bytes` at once. */
  push(bytes: Uint8Array, arrival = 0): this {
    this.demuxer.push(bytes, micros(arrival));
    return this;
  }

  /** Ends the input. */
  end(): this {
    this.demuxer.end(micros(0));
    return this;
  }

  /** The packets of one PID, or of all. */
  packets(pid?: number): Extract<DemuxEvent, { kind: "packet" }>[] {
    return this.events.filter((event): event is Extract<DemuxEvent, { kind: "packet" }> =>
      event.kind === "packet" && (pid === undefined || event.pid === pid)
    );
  }

  /** First bytes of the payloads of one PID: tests number them. */
  numbers(pid: number): (number | undefined)[] {
    return this.packets(pid).map(({ payload }) => payload[0]);
  }

  #taker({ pid, streamType }: StreamEntry): StreamHandler {
    const key = `${pid}/${streamType}`;
    const known = this.#takers.get(key);
    if (known) return known;
    const taker: StreamHandler = {
      packet: (payload, pts, dts, arrival) => {
        this.events.push({ kind: "packet", pid, payload: payload.slice(), pts, dts, arrival });
      },
      gap: (damaged) => void this.events.push({ kind: "gap", pid, damaged }),
    };
    this.#takers.set(key, taker);
    return taker;
  }
}

/** `bytes` bytes of payload that begin with `number`. */
export function numbered(number: number, bytes = 10): Bytes {
  const payload = new Uint8Array(bytes).fill(number ^ 0xa5);
  payload[0] = number;
  return payload;
}
