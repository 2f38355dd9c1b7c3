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

/** Sound that is kept for the first picture, however finely it is cut. */
const MAX_WAITING_SECONDS = 2;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

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
  /** How many of each. */
  readonly pictures: number;
  readonly sounds: number;
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
  /** Sound that came before the first picture: copies. */
  #waiting: Part[] = [];
  #waitingBytes = 0;

  constructor(generation: number, tracks: readonly Track[]) {
    this.generation = generation;
    this.#tracks = tracks;
    this.#hasPicture = tracks.some(({ kind }) => kind === "video");
  }

  /**
   * A fragment that {@link mayPass}, lent; `undefined` before the first one that can be begun with.
   * @param captured when, where the fragment does not say.
   */
  pass(bytes: Bytes, info: FragmentInfo, captured: Micros): Passed | undefined {
    const [run] = info.tracks;
    const track = this.#tracks.find(({ id }) => id === run?.track);
    if (!run || !track) return undefined;
    const key = run.key && (track.kind === "video" || !this.#hasPicture);
    if (key) this.#group++;
    if (this.#group < 0) {
      if (track.kind === "audio") this.#keep(bytes, run, track.timescale);
      return undefined;
    }
    const parts = [...this.#waiting, { bytes, run }];
    this.#waiting = [];
    this.#waitingBytes = 0;
    const dts = ((run.dts ?? 0) * MPEG_TIMESCALE) / track.timescale;
    return {
      batch: {
        generation: this.generation,
        sequence: this.#sequence++,
        group: this.#group,
        key,
        arrival: info.capture?.time ?? captured,
        ...join(parts),
      },
      kind: track.kind,
      pictures: track.kind === "video" ? 1 : 0,
      sounds: parts.reduce((sum, part) => sum + part.run.samples.length, 0) -
        (track.kind === "video" ? 1 : 0),
      dts,
      end: dts + (run.duration * MPEG_TIMESCALE) / track.timescale,
    };
  }

  /** Sound before the first picture goes with it, as it came: the newest of it. */
  #keep(bytes: Bytes, run: TrackFragment, timescale: number): void {
    this.#waiting.push({ bytes: bytes.slice(), run });
    this.#waitingBytes += bytes.length;
    const from = (run.dts ?? 0) - MAX_WAITING_SECONDS * timescale;
    let gone = 0;
    for (const part of this.#waiting) {
      if (this.#waitingBytes <= MAX_WAITING_BYTES && (part.run.dts ?? 0) >= from) break;
      this.#waitingBytes -= part.bytes.length;
      gone++;
    }
    this.#waiting.splice(0, gone);
  }
}

interface Part {
  readonly bytes: Bytes;
  readonly run: TrackFragment;
}

/** Fragments back to back, with room for a delivery's header before them. */
function join(parts: readonly Part[]): Pick<Batch, "fragments" | "bytes"> {
  const length = parts.reduce((sum, { bytes }) => sum + bytes.length, HEADROOM_BYTES);
  const all = new Uint8Array(length);
  let at = HEADROOM_BYTES;
  const fragments = parts.map(({ bytes, run }) => {
    all.set(bytes, at);
    at += bytes.length;
    return fragmentOf(run, { offset: at - bytes.length - HEADROOM_BYTES, length: bytes.length });
  });
  return { fragments, bytes: all.subarray(HEADROOM_BYTES) };
}

function fragmentOf(
  run: TrackFragment,
  { offset, length }: { readonly offset: number; readonly length: number },
): Fragment {
  const dts = run.dts ?? (0 as Ticks);
  return {
    track: run.track,
    dts,
    pts: (dts + (run.samples[0]?.compositionOffset ?? 0)) as Ticks,
    duration: run.duration,
    key: run.key,
    sizes: run.samples.map(({ size }) => size),
    offset,
    byteLength: length,
  };
}
