/**
 * H.264 elementary stream (Rec. ITU-T H.264, carried as ISO/IEC 13818-1 §2.14) to samples and avcC
 * (ISO/IEC 14496-15 §5.3.3). One PES packet is one access unit. Parameter sets, delimiters and filler go out
 * of the samples: the first live in avcC, the others say nothing in MP4.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import { BitReader } from "../bytes/bit_reader.ts";
import type { Codec, ElementaryOutput, ElementarySample, ElementaryStream } from "./codec.ts";
import { hasChromaFields, readSps, type Sps } from "./h264_sps.ts";
import { splitNalUnits, unescape } from "./nal.ts";

const NAL = { slice: 1, idr: 5, sps: 7, pps: 8, delimiter: 9, filler: 12 } as const;
/** §7.4.2.1 has ids 0 to 31, avcC five bits to count them. */
const MAX_SPS = 31;
/** §7.4.2.2: ids 0 to 255; more than a few in force at once is no camera's doing. */
const MAX_PPS = 64;
const MAX_PARAMETER_SET_BYTES = 4096;

function unitType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/** Parameter sets of one kind in force, by id; copies, since units are lent. */
class ParameterSets {
  readonly #sets = new Map<number, Bytes>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes note of a set; `true` when it is new or differs from the one with its id. */
  update(id: number, unit: Uint8Array): boolean {
    const known = this.#sets.get(id);
    if (known && equalBytes(known, unit)) return false;
    if (!known && this.#sets.size >= this.#max) return false;
    this.#sets.set(id, unit.slice());
    return true;
  }

  /** In ascending order of their ids. */
  list(): Bytes[] {
    return [...this.#sets].sort(([a], [b]) => a - b).map(([, unit]) => unit);
  }

  get empty(): boolean {
    return this.#sets.size === 0;
  }
}

class H264Stream implements ElementaryStream {
  readonly #out: ElementaryOutput;
  readonly #all: Uint8Array[] = [];
  readonly #sample: ElementarySample = {
    dts: 0,
    pts: 0,
    key: false,
    arrival: 0 as Micros,
    duration: 0,
    units: [],
  };
  readonly #sps = new ParameterSets(MAX_SPS);
  readonly #pps = new ParameterSets(MAX_PPS);
  #active: Sps | undefined;
  #changed = false;
  #announced = false;
  #lastDts: number | undefined;

  constructor(out: ElementaryOutput) {
    this.#out = out;
  }

  packet(
    payload: Uint8Array,
    pts: number | undefined,
    dts: number | undefined,
    arrival: Micros,
  ): void {
    const units = this.#sample.units;
    units.length = 0;
    let key = false;
    let pictures = 0;
    if (!splitNalUnits(payload, this.#all)) this.#out.unreadable();
    for (const unit of this.#all) {
      const type = unitType(unit);
      if (type === NAL.sps) this.#readSps(unit);
      else if (type === NAL.pps) this.#readPps(unit);
      else if (type !== NAL.delimiter && type !== NAL.filler) {
        if (type >= NAL.slice && type <= NAL.idr) pictures++;
        if (type === NAL.idr) key = true;
        units.push(unit);
      }
    }
    if (pictures === 0) return; // parameter sets in a packet of their own
    if (this.#changed && !this.#pps.empty) this.#announce();
    if (!this.#announced) return; // a picture before its parameter sets: nobody can decode it
    const decode = dts ?? this.#guessDts();
    if (decode === undefined) {
      this.#out.unreadable();
      return;
    }
    this.#lastDts = decode;
    this.#sample.dts = decode;
    this.#sample.pts = pts ?? decode;
    this.#sample.key = key;
    this.#sample.arrival = arrival;
    this.#out.sample(this.#sample);
  }

  gap(): void {
    this.#lastDts = undefined; // what is missing had a duration too
  }

  /** A packet without time stamps follows the last at the rate the stream states (§2.7.5 of 13818-1 allows it). */
  #guessDts(): number | undefined {
    const rate = this.#active?.vui?.frameRate;
    return this.#lastDts === undefined || rate === undefined
      ? undefined
      : this.#lastDts + MPEG_TIMESCALE / rate;
  }

  #readSps(unit: Uint8Array): void {
    if (unit.length > MAX_PARAMETER_SET_BYTES) return this.#out.unreadable();
    if (this.#active && this.#isKnown(unit)) return;
    const sps = readSps(unit);
    if (!sps) return this.#out.unreadable();
    if (!this.#sps.update(sps.id, unit)) return;
    this.#active = sps;
    this.#changed = true;
  }

  /** The usual case, the same set as ever, without reading it again. */
  #isKnown(unit: Uint8Array): boolean {
    return this.#sps.list().some((known) => equalBytes(known, unit));
  }

  #readPps(unit: Uint8Array): void {
    if (unit.length > MAX_PARAMETER_SET_BYTES) return this.#out.unreadable();
    const id = new BitReader(unescape(unit.subarray(1))).ue();
    if (id > 255) return this.#out.unreadable();
    if (this.#pps.update(id, unit)) this.#changed = true;
  }

  #announce(): void {
    const sps = this.#active;
    if (!sps) return;
    this.#changed = false;
    this.#announced = true;
    const { vui } = sps;
    const colour = vui?.colour ?? { primaries: 2, transfer: 2, matrix: 2 }; // 2: unspecified
    this.#out.config({
      kind: "video",
      codec: codecString(sps),
      timescale: MPEG_TIMESCALE,
      sampleEntry: "avc1",
      config: { type: "avcC", bytes: writeAvcC(sps, this.#sps.list(), this.#pps.list()) },
      width: sps.width,
      height: sps.height,
      ...(vui?.frameRate === undefined ? {} : { frameRate: vui.frameRate }),
      ...(vui?.pixelAspect && vui.pixelAspect.horizontal !== vui.pixelAspect.vertical
        ? { pixelAspect: vui.pixelAspect }
        : {}),
      ...(vui?.colour || vui?.fullRange
        ? { colour: { ...colour, fullRange: vui.fullRange ?? false } }
        : {}),
    });
  }
}

/** RFC 6381 §3.3: profile, constraints and level as six hexadecimal digits. */
function codecString(sps: Sps): string {
  return `avc1.${
    [sps.profile, sps.constraints, sps.level].map((byte) => byte.toString(16).padStart(2, "0"))
      .join("")
  }`;
}

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1.2, with 4-byte NAL unit lengths. */
function writeAvcC(sps: Sps, spsUnits: readonly Bytes[], ppsUnits: readonly Bytes[]): Bytes {
  const bytes: number[] = [
    1, // configurationVersion
    sps.profile,
    sps.constraints,
    sps.level,
    0xfc | 3, // lengthSizeMinusOne
    0xe0 | spsUnits.length,
  ];
  const put = (unit: Bytes): void => {
    bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
  };
  spsUnits.forEach(put);
  bytes.push(ppsUnits.length);
  ppsUnits.forEach(put);
  if (hasChromaFields(sps.profile)) {
    bytes.push(
      0xfc | sps.chromaFormat,
      0xf8 | (sps.bitDepthLuma - 8),
      0xf8 | (sps.bitDepthChroma - 8),
      0, // numOfSequenceParameterSetExt
    );
  }
  return new Uint8Array(bytes);
}

/** stream_type 0x1b. */
export const h264 = {
  name: "H.264",
  kind: "video",
  open: (out) => new H264Stream(out),
} as const satisfies Codec;
