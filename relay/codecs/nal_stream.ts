/**
 * An elementary stream of NAL units (H.264, H.265) to samples: parameter sets are followed and taken out of the
 * samples, delimiters and filler go, the rest stays as it is. One PES packet is one access unit. What a unit is,
 * and how a decoder is set up, the codec's syntax says.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { ElementaryOutput, ElementarySample, ElementaryStream, TrackConfig } from "./codec.ts";
import { splitNalUnits } from "./nal.ts";
import { ParameterSets } from "./parameter_sets.ts";
import type { Vui } from "./vui.ts";

/** No camera's parameter set is longer. */
const MAX_PARAMETER_SET_BYTES = 4096;

/** What a NAL unit is to a container. */
export const UNIT = {
  /** Part of a picture that leans on others. */
  picture: 0,
  /** Part of a picture where a decoder can start. */
  key: 1,
  /** Belongs to the access unit: SEI and the like. */
  other: 2,
  vps: 3,
  sps: 4,
  pps: 5,
  /** Says nothing in MP4: delimiters, filler. */
  silent: 6,
} as const;

/** One of {@link UNIT}. */
export type UnitKind = (typeof UNIT)[keyof typeof UNIT];

/** What every sequence parameter set has that matters here. */
export interface SequenceSet {
  readonly id: number;
  readonly vui?: Vui;
}

/** The parameter sets in force, each kind in ascending order of ids. */
export interface SetsInForce<Sps extends SequenceSet> {
  /** The newest. */
  readonly active: Sps;
  readonly vps: readonly Bytes[];
  readonly sps: readonly Bytes[];
  readonly pps: readonly Bytes[];
}

/** A codec's syntax, as far as a container needs it. */
export interface NalSyntax<Sps extends SequenceSet> {
  /** Most sets of each kind that are kept. */
  readonly max: { readonly vps: number; readonly sps: number; readonly pps: number };
  /** A picture cannot be decoded before this many kinds are known. */
  readonly needsVps: boolean;
  kindOf(unit: Uint8Array): UnitKind;
  /** `undefined` when it makes no sense. */
  readSps(unit: Uint8Array): Sps | undefined;
  /** Ids; `undefined` when they make no sense. */
  vpsId(unit: Uint8Array): number | undefined;
  ppsId(unit: Uint8Array): number | undefined;
  describe(sets: SetsInForce<Sps>): TrackConfig;
}

/** Reads one stream. Hot: once per access unit. */
export class NalStream<Sps extends SequenceSet> implements ElementaryStream {
  readonly #syntax: NalSyntax<Sps>;
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
  readonly #vps: ParameterSets;
  readonly #sps: ParameterSets;
  readonly #pps: ParameterSets;
  #active: Sps | undefined;
  #activeUnit: Bytes | undefined;
  #changed = false;
  #announced = false;
  #lastDts: number | undefined;

  constructor(syntax: NalSyntax<Sps>, out: ElementaryOutput) {
    this.#syntax = syntax;
    this.#out = out;
    this.#vps = new ParameterSets(syntax.max.vps);
    this.#sps = new ParameterSets(syntax.max.sps);
    this.#pps = new ParameterSets(syntax.max.pps);
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
      const kind = this.#syntax.kindOf(unit);
      if (kind <= UNIT.other) {
        if (kind !== UNIT.other) pictures++;
        if (kind === UNIT.key) key = true;
        units.push(unit);
      } else if (kind !== UNIT.silent) {
        this.#readSet(unit, kind);
      }
    }
    if (pictures === 0) return; // parameter sets in a packet of their own
    if (this.#changed) this.#announce();
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

  #readSet(unit: Uint8Array, kind: UnitKind): void {
    if (unit.length > MAX_PARAMETER_SET_BYTES) return this.#out.unreadable();
    if (kind === UNIT.sps) return this.#readSps(unit);
    const sets = kind === UNIT.vps ? this.#vps : this.#pps;
    const id = kind === UNIT.vps ? this.#syntax.vpsId(unit) : this.#syntax.ppsId(unit);
    if (id === undefined) return this.#out.unreadable();
    if (sets.update(id, unit)) this.#changed = true;
  }

  #readSps(unit: Uint8Array): void {
    // The usual case, without reading it again.
    if (this.#activeUnit && equalBytes(this.#activeUnit, unit)) return;
    const sps = this.#syntax.readSps(unit);
    if (!sps) return this.#out.unreadable();
    this.#sps.update(sps.id, unit);
    if (!this.#sps.has(unit)) return; // one more than are kept
    this.#active = sps;
    this.#activeUnit = unit.slice();
    this.#changed = true;
  }

  #announce(): void {
    const active = this.#active;
    if (!active || this.#pps.empty || (this.#syntax.needsVps && this.#vps.empty)) return;
    this.#changed = false;
    this.#announced = true;
    this.#out.config(this.#syntax.describe({
      active,
      vps: this.#vps.list(),
      sps: this.#sps.list(),
      pps: this.#pps.list(),
    }));
  }
}
