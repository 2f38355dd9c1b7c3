/**
 * Fragments of our own making that came from another relay, on their way as they are (contract §5): the same bytes
 * under this relay's generation. Nothing is muxed.
 *
 * @module
 */

import { type Batch, type Fragment, HEADROOM_BYTES, type Track } from "../../shared/media.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { FragmentInfo, TrackFragment } from "../../shared/mp4/fragment_reader.ts";
import { type Micros, MPEG_TIMESCALE, type Ticks } from "../../shared/units.ts";

/** What a fragment must be to pass: one track, and of pictures one. */
export function mayPass(info: FragmentInfo, tracks: readonly Track[]): boolean {
  const [run] = info.tracks;
  const track = tracks.find(({ id }) => id === run?.track);
  if (info.tracks.length !== 1 || !run || !track || run.dts === undefined) return false;
  return run.samples.length > 0 && (track.kind === "audio" || run.samples.length === 1);
}

/** A fragment that passed. */
export interface Passed {
  readonly batch: Batch;
  readonly kind: Track["kind"];
  readonly samples: number;
  /** Decode time and end, 90 kHz. */
  readonly dts: number;
  readonly end: number;
}

/** One generation that passes. Hot: once per fragment. */
export class PassThrough {
  readonly generation: number;
  readonly #tracks: readonly Track[];
  readonly #hasPicture: boolean;
  #sequence = 0;
  #group = -1;

  constructor(generation: number, tracks: readonly Track[]) {
    this.generation = generation;
    this.#tracks = tracks;
    this.#hasPicture = tracks.some(({ kind }) => kind === "video");
  }

  /** A fragment that {@link mayPass}, lent; `undefined` before the first one that can be begun with. */
  pass(bytes: Bytes, info: FragmentInfo, arrival: Micros): Passed | undefined {
    const [run] = info.tracks;
    const track = this.#tracks.find(({ id }) => id === run?.track);
    if (!run || !track) return undefined;
    const key = run.key && (track.kind === "video" || !this.#hasPicture);
    if (key) this.#group++;
    if (this.#group < 0) return undefined;
    const copy = new Uint8Array(HEADROOM_BYTES + bytes.length);
    copy.set(bytes, HEADROOM_BYTES);
    const batch: Batch = {
      generation: this.generation,
      sequence: this.#sequence++,
      group: this.#group,
      key,
      arrival: info.capture?.time ?? arrival,
      fragments: [fragmentOf(run, bytes.length)],
      bytes: copy.subarray(HEADROOM_BYTES),
    };
    const dts = ((run.dts ?? 0) * MPEG_TIMESCALE) / track.timescale;
    const end = dts + (run.duration * MPEG_TIMESCALE) / track.timescale;
    return { batch, kind: track.kind, samples: run.samples.length, dts, end };
  }
}

function fragmentOf(run: TrackFragment, byteLength: number): Fragment {
  const dts = run.dts ?? (0 as Ticks);
  return {
    track: run.track,
    dts,
    pts: (dts + (run.samples[0]?.compositionOffset ?? 0)) as Ticks,
    duration: run.duration,
    key: run.key,
    sizes: run.samples.map(({ size }) => size),
    offset: 0,
    byteLength,
  };
}
