/**
 * Samples of an H.264 or H.265 track (ISO/IEC 14496-15 §5.3, §8.3) to access units: lengths instead of start codes,
 * parameter sets from the configuration record before the first, and from the samples themselves.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { u16At } from "../../shared/mp4/box_reader.ts";
import type { AccessUnitTimes, ElementaryOutput, UnitStream } from "../codecs/codec.ts";
import { h264 } from "../codecs/h264.ts";
import { h265 } from "../codecs/h265.ts";
import { MAX_NAL_UNITS } from "../codecs/nal.ts";
import { configOf, type MovieTrack } from "./movie.ts";

/** Luma samples a side. */
const MACROBLOCK = 16;

/** Sample entries and what reads them. */
const ENTRIES = {
  avc1: { codec: h264, config: "avcC", read: readAvcC },
  avc3: { codec: h264, config: "avcC", read: readAvcC },
  hvc1: { codec: h265, config: "hvcC", read: readHvcC },
  hev1: { codec: h265, config: "hvcC", read: readHvcC },
} as const;

interface Configuration {
  readonly lengthBytes: number;
  readonly sets: readonly Bytes[];
}

/** Takes the samples of one track. */
export interface SampleTaker {
  /** A sample, lent. `duration` in the track's timescale. */
  sample(bytes: Uint8Array, times: AccessUnitTimes & { readonly duration: number }): void;
  gap(): void;
}

/** Opens a picture track; `undefined` where its codec is none of ours. */
export function openPictures(track: MovieTrack, out: ElementaryOutput): SampleTaker | undefined {
  const entry = (ENTRIES as Partial<Record<string, (typeof ENTRIES)[keyof typeof ENTRIES]>>)[
    track.entry
  ];
  const record = entry && configOf(track.boxes, entry.config);
  if (!entry || !record) return undefined;
  const cropping: ElementaryOutput = {
    ...out,
    config: (config) => out.config(config.kind === "video" ? cropped(config, track) : config),
  };
  return new PictureTrack(entry.codec.open(cropping), { configuration: entry.read(record), out });
}

/** Some cameras crop the last macroblocks in the file's index only. */
function cropped<Size extends { readonly width: number; readonly height: number }>(
  config: Size,
  { width, height }: MovieTrack,
): Size {
  const isNear = (coded: number, shown: number) => coded >= shown && coded - shown < MACROBLOCK;
  return isNear(config.width, width) && isNear(config.height, height)
    ? { ...config, width, height }
    : config;
}

/** Hot: once per picture. */
class PictureTrack implements SampleTaker {
  readonly #stream: UnitStream;
  readonly #out: ElementaryOutput;
  readonly #lengthBytes: number;
  readonly #units: Uint8Array[] = [];
  /** Still to be told. */
  #sets: readonly Bytes[];

  constructor(
    stream: UnitStream,
    { configuration, out }: {
      readonly configuration: Configuration;
      readonly out: ElementaryOutput;
    },
  ) {
    this.#stream = stream;
    this.#out = out;
    this.#lengthBytes = configuration.lengthBytes;
    this.#sets = configuration.sets;
  }

  sample(bytes: Uint8Array, times: AccessUnitTimes): void {
    const units = this.#units;
    units.length = 0;
    units.push(...this.#sets);
    this.#sets = [];
    for (let at = 0; at + this.#lengthBytes <= bytes.length;) {
      let length = 0;
      for (let i = 0; i < this.#lengthBytes; i++) length = length * 256 + (bytes[at + i] ?? 0);
      at += this.#lengthBytes;
      if (at + length > bytes.length || units.length >= MAX_NAL_UNITS) {
        this.#out.unreadable();
        break;
      }
      if (length > 0) units.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#stream.units(units, times);
  }

  gap(): void {
    this.#stream.gap();
  }
}

/** AVCDecoderConfigurationRecord, §5.3.3.1.2. */
function readAvcC(record: Bytes): Configuration {
  const sets: Bytes[] = [];
  let at = readSets(record, { at: 6, count: (record[5] ?? 0) & 0x1f, into: sets });
  const count = record[at] ?? 0;
  at = readSets(record, { at: at + 1, count, into: sets });
  return { lengthBytes: ((record[4] ?? 0) & 3) + 1, sets };
}

/** HEVCDecoderConfigurationRecord, §8.3.3.1.2. */
function readHvcC(record: Bytes): Configuration {
  const sets: Bytes[] = [];
  let at = 23;
  for (let arrays = record[22] ?? 0; arrays > 0 && at + 3 <= record.length; arrays--) {
    at = readSets(record, { at: at + 3, count: u16At(record, at + 1), into: sets });
  }
  return { lengthBytes: ((record[21] ?? 0) & 3) + 1, sets };
}

/** Units behind a length of 16 bits each; returns where they end. */
function readSets(
  record: Bytes,
  { at, count, into }: { readonly at: number; readonly count: number; readonly into: Bytes[] },
): number {
  let next = at;
  for (let i = 0; i < count && next + 2 <= record.length; i++) {
    const end = next + 2 + u16At(record, next);
    if (end > record.length) return record.length;
    if (end > next + 2 && into.length < MAX_NAL_UNITS) into.push(record.slice(next + 2, end));
    next = end;
  }
  return next;
}
