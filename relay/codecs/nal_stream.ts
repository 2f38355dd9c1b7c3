/**
 * An elementary stream of NAL units (H.264, H.265) to samples: parameter sets are followed and taken out of the
 * samples, delimiters and filler go, the rest stays as it is. One packet is one access unit, or one of the two
 * fields of a frame, which make one sample. What a unit is, and how a decoder is set up, the codec's syntax says.
 *
 * Where a decoder can start (the sample is `key`): at IDR, CRA and BLA pictures; at a recovery point that is exact at
 * once (recovery_frame_cnt 0: open groups); and, where nothing of that has come for {@link REFRESH_PATIENCE}, at one
 * that is exact some frames later (gradual refresh), because otherwise nobody could ever join. A stream that is
 * entered elsewhere than at an IDR picture leaves out the pictures that lean on what was before.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type {
  AccessUnitTimes,
  ElementaryOutput,
  ElementarySample,
  TrackConfig,
  UnitStream,
} from "./codec.ts";
import { splitNalUnits } from "./nal.ts";
import { MAX_PARAMETER_SET_BYTES, ParameterSets } from "./parameter_sets.ts";
import { type Pictures, PLACE } from "./pictures.ts";
import type { Vui } from "./vui.ts";

/** A gradual refresh is a start only where no other came for so long, 90 kHz. */
export const REFRESH_PATIENCE = 5 * MPEG_TIMESCALE;

/** Sets before one picture; more at once is no camera's doing. */
const MAX_IN_BAND = 64;
/** Of units before a picture that came in packets of their own. */
const MAX_EARLY_BYTES = 64 * 1024;

/** What a NAL unit is to a container. */
export const UNIT = {
  /** Part of a picture that leans on others. */
  picture: 0,
  /** Part of a picture that leans on pictures before the last {@link UNIT.open} one (RASL). */
  leading: 1,
  /** Part of a picture where a decoder can start. */
  key: 2,
  /** The same, but pictures may follow that lean on those before. */
  open: 3,
  /** Belongs to the access unit: SEI and the like. */
  other: 4,
  /** The same, and says that a decoder can start with this access unit. */
  recovery: 5,
  /** The same, and says that a decoder that starts here is right some frames later. */
  refresh: 6,
  vps: 7,
  sps: 8,
  pps: 9,
  /** Says nothing in MP4: delimiters, filler. */
  silent: 10,
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
  /** A follower of this codec's pictures. */
  pictures(): Pictures;
  /** Pictures that lean on what was before an open start are {@link UNIT.leading}; else they are shown before it. */
  readonly marksLeading: boolean;
  /** Pictures may be single fields. */
  mayBeFields(sps: Sps): boolean;
}

/** A picture of which the first field has come: copies, since packets are lent. */
interface WaitingField {
  readonly units: Uint8Array[];
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly arrival: Micros;
}

/** A picture that the stream was entered at, and others may follow that lean on what was before. */
interface Entry {
  readonly pts: number;
  /** Decode time of the first that was left out. */
  firstLeft: number | undefined;
}

/** Reads one stream. Hot: once per access unit. */
export class NalStream<Sps extends SequenceSet> implements UnitStream {
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
  /** A sequence parameter set is among what changed. */
  #sequenceChanged = false;
  /** Sets that changed since the last picture: copies. */
  readonly #inBand: Bytes[] = [];
  /** What came before the next picture in packets of its own: copies. */
  readonly #early: Bytes[] = [];
  #announced = false;
  #lastDts: number | undefined;
  #lastKeyDts: number | undefined;
  /** Only where pictures may be fields. */
  #pictures: Pictures | undefined;
  /** {@link NalStream.#pictures} knows the sets in force. */
  #following = false;
  /** Within {@link NalStream.#join}: sets that contradict each other are not gone over again and again. */
  #joining = false;
  #field: WaitingField | undefined;
  /** The stream is entered at its next key picture. */
  #entering = true;
  /** Entered at a picture that others may follow which lean on what was before. */
  #entry: Entry | undefined;
  /** Decode time that pictures left out at the entry would have taken: what follows closes up. */
  #cut = 0;

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
    if (!splitNalUnits(payload, this.#all)) this.#out.unreadable();
    this.units(this.#all, { pts, dts, arrival });
  }

  units(units: readonly Uint8Array[], times: AccessUnitTimes): void {
    if (this.#pictures || this.#field) this.#fields(units, times);
    else this.#accessUnit(units, times);
  }

  flush(): void {
    const field = this.#field;
    this.#field = undefined;
    if (field) this.#accessUnit(field.units, field);
  }

  gap(): void {
    this.flush();
    this.#lastDts = undefined; // what is missing had a duration too
    this.#entering = true;
    this.#cut = 0;
    this.#early.length = 0;
    this.#pictures?.restart();
  }

  /** Joins the two fields of a frame where each came in a packet of its own. */
  #fields(units: readonly Uint8Array[], times: AccessUnitTimes): void {
    this.#joining = true;
    this.#join(units, times);
    this.#joining = false;
  }

  #join(units: readonly Uint8Array[], times: AccessUnitTimes): void {
    const pictures = this.#pictures;
    const first = this.#field;
    this.#field = undefined;
    let joins = first !== undefined;
    let began = false;
    for (const unit of units) {
      const place = pictures?.place(unit);
      if (place === PLACE.begins && !began) joins = false;
      if (this.#syntax.kindOf(unit) <= UNIT.open) began = true;
    }
    if (first && !joins) this.#accessUnit(first.units, first);
    const all = first && joins ? [...first.units, ...units] : units;
    const from = first && joins ? first : times;
    if (pictures?.loneField) {
      this.#field = { ...from, units: all.map((unit) => unit.slice()) };
    } else {
      this.#accessUnit(all, from);
    }
  }

  #accessUnit(packet: readonly Uint8Array[], { pts, dts, arrival }: AccessUnitTimes): void {
    const from = this.#early.length > 0 ? [...this.#early.splice(0), ...packet] : packet;
    const units = this.#sample.units;
    units.length = 0;
    let pictures = 0;
    let best: number = UNIT.picture;
    let leading = false;
    let recovery: number = UNIT.other;
    for (const unit of from) {
      const kind = this.#syntax.kindOf(unit);
      if (kind <= UNIT.open) {
        pictures++;
        if (kind === UNIT.leading) leading = true;
        else if (kind !== UNIT.picture && best !== UNIT.key) best = kind;
        units.push(unit);
      } else if (kind <= UNIT.refresh) {
        if (kind !== UNIT.other && recovery !== UNIT.recovery) recovery = kind;
        units.push(unit);
      } else if (kind !== UNIT.silent) {
        this.#readSet(unit, kind);
      }
    }
    if (pictures === 0) return this.#keepEarly(units); // they are in a packet of their own
    if (this.#pictures && !this.#following) {
      this.#follow(this.#pictures);
      if (!this.#joining) {
        this.#fields(from, { pts, dts, arrival }); // the first picture may be half of one
        return;
      }
    }
    if (this.#changed && !this.#announced) this.#announce();
    if (!this.#announced) return; // a picture before its parameter sets: nobody can decode it
    const decode = dts ?? this.#guessDts();
    if (decode === undefined) {
      this.#out.unreadable();
      return;
    }
    this.#lastDts = decode;
    const present = pts ?? decode;
    const start = best !== UNIT.picture ? best : this.#startAt(recovery, decode);
    // A picture set may change in mid-group: it goes in band, and into the set-up at the next start.
    if (this.#changed && (start !== UNIT.picture || this.#sequenceChanged)) this.#announce();
    else if (this.#inBand.length > 0) units.unshift(...this.#inBand);
    this.#inBand.length = 0;
    if (start === UNIT.picture) {
      if (this.#entry && this.#isLost(this.#entry, { leading, present, decode })) return;
    } else {
      this.#enter(start, { dts: decode, pts: present });
    }
    this.#sample.dts = decode - this.#cut;
    this.#sample.pts = present;
    this.#sample.key = start !== UNIT.picture;
    this.#sample.arrival = arrival;
    this.#out.sample(this.#sample);
  }

  /** SEI and the like belong to the picture that follows. */
  #keepEarly(units: readonly Uint8Array[]): void {
    const bytes = units.reduce((sum, { length }) => sum + length, 0);
    if (bytes <= MAX_EARLY_BYTES) this.#early.push(...units.map((unit) => unit.slice()));
  }

  /** What a recovery point makes of its picture: one to start at, or any. */
  #startAt(recovery: number, dts: number): number {
    if (recovery === UNIT.recovery) return UNIT.recovery;
    const last = this.#lastKeyDts;
    const overdue = last === undefined || dts - last >= REFRESH_PATIENCE || dts < last;
    return recovery === UNIT.refresh && overdue ? UNIT.refresh : UNIT.picture;
  }

  #enter(start: number, at: { readonly dts: number; readonly pts: number }): void {
    this.#lastKeyDts = at.dts;
    const isOpen = this.#entering && start !== UNIT.key;
    this.#entry = isOpen ? { pts: at.pts, firstLeft: undefined } : undefined;
    this.#entering = false;
  }

  /** Whether a picture after the entry leans on pictures before it. Afterwards decode times close up. */
  #isLost(
    entry: Entry,
    { leading, present, decode }: { leading: boolean; present: number; decode: number },
  ): boolean {
    if (leading || (present < entry.pts && !this.#syntax.marksLeading)) {
      entry.firstLeft ??= decode;
      this.#out.undecodable();
      return true;
    }
    if (entry.firstLeft !== undefined) this.#cut += decode - entry.firstLeft;
    entry.firstLeft = undefined;
    if (present > entry.pts) this.#entry = undefined;
    return false;
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
    if (!sets.update(id, unit)) return;
    this.#changed = true;
    if (this.#announced && this.#inBand.length < MAX_IN_BAND) this.#inBand.push(unit.slice());
  }

  #readSps(unit: Uint8Array): void {
    // The usual case, without reading it again.
    if (this.#activeUnit && equalBytes(this.#activeUnit, unit)) return;
    const sps = this.#syntax.readSps(unit);
    if (!sps) return this.#out.unreadable();
    this.#sps.update(sps.id, unit);
    if (!this.#sps.has(unit)) return; // one more than are kept
    this.#active = sps;
    this.#followFields(sps);
    this.#activeUnit = unit.slice();
    this.#changed = true;
    this.#sequenceChanged = true;
  }

  /** Pictures are followed only where they may be fields: elsewhere a packet is a picture. */
  #followFields(sps: Sps): void {
    if (!this.#syntax.mayBeFields(sps)) {
      this.#pictures = undefined;
    } else if (!this.#pictures) {
      this.#pictures = this.#syntax.pictures();
      this.#following = false;
    }
  }

  #follow(pictures: Pictures): void {
    this.#following = true;
    for (const sets of [this.#sps, this.#pps]) sets.list().forEach((unit) => pictures.place(unit));
    pictures.restart();
  }

  #announce(): void {
    const active = this.#active;
    if (!active || this.#pps.empty || (this.#syntax.needsVps && this.#vps.empty)) return;
    this.#changed = false;
    this.#sequenceChanged = false;
    this.#announced = true;
    this.#out.config(this.#syntax.describe({
      active,
      vps: this.#vps.list(),
      sps: this.#sps.list(),
      pps: this.#pps.list(),
    }));
  }
}
