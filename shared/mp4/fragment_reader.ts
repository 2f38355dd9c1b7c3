/**
 * What a movie fragment `[prft] moof mdat` says of its samples (ISO/IEC 14496-12:2015 §8.8, §8.16.5): for
 * the player, for repairs and for tests. Payloads are not looked into. Never throws on damaged input.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import type { Micros, Ticks } from "../units.ts";
import { micros, ticks } from "../units.ts";
import type { Box } from "./box_reader.ts";
import { boxAt, boxesIn, findBox, findBoxes, i32At, u32At, u64At } from "./box_reader.ts";

/** Most samples that one fragment may state; one that states more is taken for damaged. */
export const MAX_FRAGMENT_SAMPLES = 100_000;

/** What a sample is when its fragment does not say (`trex`, §8.8.3). */
export interface SampleDefaults {
  readonly duration: Ticks;
  /** Bytes. */
  readonly size: number;
  readonly flags: number;
}

/** A sample of a fragment. */
export interface FragmentSample {
  /** First byte, counted from the first of `moof`. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly duration: Ticks;
  /** Presentation time minus decode time. */
  readonly compositionOffset: Ticks;
  /** A decoder can start here. */
  readonly key: boolean;
}

/** The samples of one track in a fragment. */
export interface TrackFragment {
  readonly track: number;
  /** Decode time of the first sample (`tfdt`); `undefined` where the fragment does not state it. */
  readonly dts: Ticks | undefined;
  /** Of all samples together. */
  readonly duration: Ticks;
  /** Whether the first sample is one where a decoder can start. */
  readonly key: boolean;
  readonly samples: readonly FragmentSample[];
}

/** When a picture was taken (`prft`). */
export interface CaptureTime {
  readonly track: number;
  /** Since the Unix epoch, on the origin's clock. */
  readonly time: Micros;
  /** The picture's own time, in its track's timescale. */
  readonly mediaTime: Ticks;
}

/** A whole fragment. */
export interface FragmentInfo {
  /** `mfhd`'s number; 0 when there is none. */
  readonly sequence: number;
  readonly capture?: CaptureTime;
  /** One for a fragment of ours, more in recordings and foreign files. */
  readonly tracks: readonly TrackFragment[];
  /** First byte of `moof`, counted from where reading began. */
  readonly moofStart: number;
  /** First byte after the fragment, counted from where reading began. */
  readonly end: number;
}

const NO_DEFAULTS: SampleDefaults = { duration: ticks(0), size: 0, flags: 0 };
const NTP_UNIX_SECONDS = 2_208_988_800; // 1900-01-01 to 1970-01-01
const NTP_ERA_SECONDS = 2 ** 32; // RFC 4330 §3: a first bit of 0 counts from 2036
const TWO_32 = 2 ** 32;

const NON_SYNC_SAMPLE = 0x0001_0000; // sample_is_non_sync_sample, §8.8.3.1
const TFHD = {
  baseDataOffset: 0x01,
  sampleDescription: 0x02,
  duration: 0x08,
  size: 0x10,
  flags: 0x20,
  baseIsMoof: 0x02_0000,
} as const;
const TRUN = {
  dataOffset: 0x001,
  firstSampleFlags: 0x004,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
} as const;

const PER_SAMPLE = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.compositionOffset] as const;

/** The sample defaults of each track that an init segment states, by track id. */
export function readSampleDefaults(initSegment: Bytes): ReadonlyMap<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const { body } of findBoxes(initSegment, "moov/mvex/trex")) {
    defaults.set(u32At(body, 4), {
      duration: ticks(u32At(body, 12)),
      size: u32At(body, 16),
      flags: u32At(body, 20),
    });
  }
  return defaults;
}

/** Where and with which defaults to read. */
export interface ReadOptions {
  /** First byte to read, 0 if not given. */
  readonly at?: number;
  /** From {@link readSampleDefaults}; without them what a fragment leaves out is 0. */
  readonly defaults?: ReadonlyMap<number, SampleDefaults> | undefined;
}

/**
 * The first fragment at or after `at`; `undefined` when there is no whole, sound one. Boxes that are not
 * part of a fragment are passed over.
 */
export function readFragment(
  bytes: Bytes,
  { at = 0, defaults }: ReadOptions = {},
): FragmentInfo | undefined {
  let capture: CaptureTime | undefined;
  for (let box = boxAt(bytes, at); box !== undefined; box = boxAt(bytes, endOf(box))) {
    if (box.type === "prft") capture = readCapture(box.body);
    if (box.type !== "moof") continue;
    const mdat = boxAt(bytes, endOf(box));
    if (mdat?.type !== "mdat") return undefined;
    const tracks = readMovieFragment(box, { defaults, available: endOf(mdat) - box.start });
    if (tracks === undefined) return undefined;
    return {
      sequence: u32At(findBox(box.body, "mfhd")?.body ?? NOTHING, 4),
      ...(capture === undefined ? {} : { capture }),
      tracks,
      moofStart: box.start,
      end: endOf(mdat),
    };
  }
  return undefined;
}

/** All fragments in `bytes`, up to the first that is damaged. */
export function* readFragments(
  bytes: Bytes,
  { at = 0, defaults }: ReadOptions = {},
): Generator<FragmentInfo, void, undefined> {
  let fragment = readFragment(bytes, { at, defaults });
  while (fragment !== undefined) {
    yield fragment;
    fragment = readFragment(bytes, { at: fragment.end, defaults });
  }
}

/**
 * The track fragments of a `moof`; `undefined` when it is damaged.
 * @param options.available bytes from the first of `moof` to the end of its media: no sample may lie beyond.
 */
export function readMovieFragment(
  moof: Box,
  { defaults, available, position }: {
    readonly defaults: ReadonlyMap<number, SampleDefaults> | undefined;
    readonly available: number;
    /** Of the first byte of `moof` in the file, for fragments whose offsets count from there. */
    readonly position?: number;
  },
): readonly TrackFragment[] | undefined {
  const tracks: TrackFragment[] = [];
  let before: number | undefined;
  let count = 0;
  const used = { bytes: 0 };
  for (const traf of boxesIn(moof.body)) {
    if (traf.type !== "traf") continue;
    const track = readTrackFragment(traf.body, {
      defaults,
      first: moof.byteLength,
      available,
      position,
      before,
      room: MAX_FRAGMENT_SAMPLES - count,
      used,
    });
    if (track === undefined) return undefined;
    count += track.samples.length;
    const last = track.samples.at(-1);
    if (last !== undefined) before = last.offset + last.size;
    tracks.push(track);
  }
  return tracks.length === 0 ? undefined : tracks;
}

interface Bounds {
  readonly defaults: ReadonlyMap<number, SampleDefaults> | undefined;
  /** No sample may begin before it. */
  readonly first: number;
  readonly available: number;
  readonly position: number | undefined;
  /** Where the data of the track fragment before ends: where the next begins if it does not say (§8.8.7). */
  readonly before: number | undefined;
  /** Samples that the fragment may still state. */
  readonly room: number;
  /** What all its samples so far take: no more than there is, so that none lies on another. */
  readonly used: { bytes: number };
}

/** Track fragment, §8.8.6, with `tfhd` §8.8.7 and `tfdt` §8.8.12. */
function readTrackFragment(traf: Bytes, bounds: Bounds): TrackFragment | undefined {
  const header = findBox(traf, "tfhd")?.body;
  if (header === undefined || header.length < 8) return undefined;
  const flags = u32At(header, 0);
  const isFromFile = (flags & TFHD.baseDataOffset) !== 0;
  if (isFromFile && bounds.position === undefined) return undefined; // offsets into a file that we do not have
  const base = isFromFile
    ? u64At(header, 8) - (bounds.position ?? 0)
    : (flags & TFHD.baseIsMoof) !== 0
    ? 0
    : bounds.before ?? 0;
  const track = u32At(header, 4);
  const outer = bounds.defaults?.get(track) ?? NO_DEFAULTS;
  let at = (isFromFile ? 16 : 8) + ((flags & TFHD.sampleDescription) !== 0 ? 4 : 0);
  const next = (bit: number, otherwise: number): number => {
    if ((flags & bit) === 0) return otherwise;
    at += 4;
    return u32At(header, at - 4);
  };
  const own: SampleDefaults = {
    duration: ticks(next(TFHD.duration, outer.duration)),
    size: next(TFHD.size, outer.size),
    flags: next(TFHD.flags, outer.flags),
  };
  const samples: FragmentSample[] = [];
  let dataAt = base > 0 ? base : bounds.first;
  for (const trun of findBoxes(traf, "trun")) {
    const end = readTrackRun(trun.body, { own, base, dataAt, bounds, samples });
    if (end === undefined) return undefined;
    dataAt = end;
  }
  const time = findBox(traf, "tfdt")?.body;
  let duration = 0;
  for (const sample of samples) duration += sample.duration;
  return {
    track,
    dts: time === undefined ? undefined : ticks(time[0] === 1 ? u64At(time, 4) : u32At(time, 4)),
    duration: ticks(duration),
    key: samples[0]?.key ?? false,
    samples,
  };
}

/** Track run, §8.8.8; answers where its data end, or `undefined` when it is damaged. */
function readTrackRun(
  trun: Bytes,
  { own, base, dataAt, bounds, samples }: {
    readonly own: SampleDefaults;
    /** What a run's offset counts from. */
    readonly base: number;
    readonly dataAt: number;
    readonly bounds: Bounds;
    readonly samples: FragmentSample[];
  },
): number | undefined {
  const flags = u32At(trun, 0);
  const count = u32At(trun, 4);
  let at = 8;
  let offset = dataAt;
  if ((flags & TRUN.dataOffset) !== 0) {
    offset = base + i32At(trun, at);
    at += 4;
  }
  let firstFlags: number | undefined;
  if ((flags & TRUN.firstSampleFlags) !== 0) {
    firstFlags = u32At(trun, at);
    at += 4;
  }
  const fields = PER_SAMPLE.filter((bit) => (flags & bit) !== 0).length;
  if (samples.length + count > bounds.room) return undefined;
  if (offset < bounds.first || at + 4 * fields * count > trun.length) return undefined;
  for (let i = 0; i < count; i++) {
    let { duration, size, flags: sampleFlags } = own;
    let compositionOffset = 0;
    if ((flags & TRUN.duration) !== 0) {
      duration = ticks(u32At(trun, at));
      at += 4;
    }
    if ((flags & TRUN.size) !== 0) {
      size = u32At(trun, at);
      at += 4;
    }
    if ((flags & TRUN.flags) !== 0) {
      sampleFlags = u32At(trun, at);
      at += 4;
    } else if (i === 0 && firstFlags !== undefined) {
      sampleFlags = firstFlags;
    }
    if ((flags & TRUN.compositionOffset) !== 0) {
      compositionOffset = trun[0] === 0 ? u32At(trun, at) : i32At(trun, at);
      at += 4;
    }
    bounds.used.bytes += size;
    if (offset + size > bounds.available || bounds.used.bytes > bounds.available) return undefined;
    samples.push({
      offset,
      size,
      duration,
      compositionOffset: ticks(compositionOffset),
      key: (sampleFlags & NON_SYNC_SAMPLE) === 0,
    });
    offset += size;
  }
  return offset;
}

/** Producer reference time, §8.16.5. */
function readCapture(body: Bytes): CaptureTime | undefined {
  const wide = body[0] === 1;
  if (body.length < (wide ? 24 : 20)) return undefined;
  const seconds = u32At(body, 8);
  const sinceUnix = seconds - NTP_UNIX_SECONDS + (seconds < TWO_32 / 2 ? NTP_ERA_SECONDS : 0);
  return {
    track: u32At(body, 4),
    time: micros(sinceUnix * 1_000_000 + Math.round(u32At(body, 12) * 1_000_000 / TWO_32)),
    mediaTime: ticks(wide ? u64At(body, 16) : u32At(body, 16)),
  };
}

const NOTHING: Bytes = new Uint8Array(0);

function endOf(box: Box): number {
  return box.start + box.byteLength;
}
