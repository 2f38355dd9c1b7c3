/**
 * H.264 written bit by bit from a description (Rec. ITU-T H.264 §7.3): sequence and picture parameter sets with
 * every optional part, and units that look like slices. No picture is coded: decoders need not apply.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";

/** Bits, most significant first. */
export class BitWriter {
  readonly #bits: number[] = [];

  /** `count` bits of `value`. */
  u(count: number, value: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  /** One bit. */
  flag(value: boolean): this {
    return this.u(1, value ? 1 : 0);
  }

  /** Exp-Golomb, unsigned (§9.1). */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.u(length, 0).u(length + 1, value + 1);
  }

  /** Exp-Golomb, signed (§9.1.1). */
  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** The bits so far, zeros to the next byte. */
  bytes(): Bytes {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => bytes[i >> 3] = (bytes[i >> 3] ?? 0) | bit << (7 - i % 8));
    return bytes;
  }

  /** rbsp_trailing_bits, then the bytes. */
  rbsp(): Bytes {
    return this.u(1, 1).bytes();
  }
}

/** Emulation prevention (§7.4.1): the bytes as they stand in a unit. */
export function escape(plain: Uint8Array): Bytes {
  const bytes: number[] = [];
  let zeros = 0;
  for (const byte of plain) {
    if (zeros === 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return new Uint8Array(bytes);
}

/** hrd_parameters, §E.1.2. */
export interface HrdDescription {
  readonly buffers: number;
}

/** vui_parameters, §E.1.1. */
export interface VuiDescription {
  readonly aspect?: number | { readonly horizontal: number; readonly vertical: number };
  readonly overscan?: boolean;
  readonly signal?: {
    readonly fullRange: boolean;
    readonly colour?: readonly [primaries: number, transfer: number, matrix: number];
  };
  readonly chromaLocation?: readonly [top: number, bottom: number];
  readonly timing?: {
    readonly unitsInTick: number;
    readonly timeScale: number;
    readonly fixed?: boolean;
  };
  readonly nalHrd?: HrdDescription;
  readonly vclHrd?: HrdDescription;
  readonly restriction?: { readonly reorder: number; readonly buffering: number };
}

/** seq_parameter_set_data, §7.3.2.1.1. */
export interface SpsDescription {
  readonly profile?: number;
  readonly constraints?: number;
  readonly level?: number;
  readonly id?: number;
  /** Only written for profiles that have it. */
  readonly chroma?: {
    readonly format: number;
    readonly separatePlanes?: boolean;
    readonly luma?: number;
    readonly chroma?: number;
    /** A list for each delta sequence; `undefined` where it is absent. */
    readonly scaling?: readonly (readonly number[] | undefined)[];
  };
  readonly pictureOrder?: 0 | 1 | 2;
  readonly widthMbs?: number;
  readonly heightMapUnits?: number;
  readonly interlaced?: boolean;
  readonly crop?: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  readonly vui?: VuiDescription;
}

const CHROMA_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** An SPS unit; 320×240 of Main profile if not told otherwise. */
export function sps(description: SpsDescription = {}): Bytes {
  const { profile = 77, constraints = 0, level = 30, id = 0, crop, vui, interlaced = false } =
    description;
  const w = new BitWriter().u(8, 0x67).u(8, profile).u(8, constraints).u(8, level).ue(id);
  if (CHROMA_PROFILES.includes(profile)) writeChroma(w, description.chroma ?? { format: 1 });
  w.ue(0); // log2_max_frame_num_minus4
  const { pictureOrder = 2 } = description;
  w.ue(pictureOrder);
  if (pictureOrder === 0) w.ue(2);
  if (pictureOrder === 1) w.flag(false).se(-3).se(5).ue(2).se(1).se(-1);
  w.ue(1).flag(false); // max_num_ref_frames, gaps_in_frame_num_value_allowed_flag
  w.ue((description.widthMbs ?? 20) - 1).ue((description.heightMapUnits ?? 15) - 1);
  w.flag(!interlaced);
  if (interlaced) w.flag(true);
  w.flag(true); // direct_8x8_inference_flag
  w.flag(crop !== undefined);
  if (crop) w.ue(crop.left).ue(crop.right).ue(crop.top).ue(crop.bottom);
  w.flag(vui !== undefined);
  if (vui) writeVui(w, vui);
  return escape(w.rbsp());
}

function writeChroma(w: BitWriter, chroma: NonNullable<SpsDescription["chroma"]>): void {
  w.ue(chroma.format);
  if (chroma.format === 3) w.flag(chroma.separatePlanes ?? false);
  w.ue((chroma.luma ?? 8) - 8).ue((chroma.chroma ?? 8) - 8).flag(false);
  w.flag(chroma.scaling !== undefined);
  const lists = chroma.format === 3 ? 12 : 8;
  for (let list = 0; chroma.scaling && list < lists; list++) {
    const deltas = chroma.scaling[list];
    w.flag(deltas !== undefined);
    for (const delta of deltas ?? []) w.se(delta);
  }
}

function writeVui(w: BitWriter, vui: VuiDescription): void {
  w.flag(vui.aspect !== undefined);
  if (typeof vui.aspect === "number") w.u(8, vui.aspect);
  else if (vui.aspect) w.u(8, 255).u(16, vui.aspect.horizontal).u(16, vui.aspect.vertical);
  w.flag(vui.overscan !== undefined);
  if (vui.overscan !== undefined) w.flag(vui.overscan);
  w.flag(vui.signal !== undefined);
  if (vui.signal) {
    w.u(3, 5).flag(vui.signal.fullRange).flag(vui.signal.colour !== undefined);
    for (const code of vui.signal.colour ?? []) w.u(8, code);
  }
  w.flag(vui.chromaLocation !== undefined);
  for (const type of vui.chromaLocation ?? []) w.ue(type);
  w.flag(vui.timing !== undefined);
  if (vui.timing) {
    w.u(32, vui.timing.unitsInTick).u(32, vui.timing.timeScale).flag(vui.timing.fixed ?? true);
  }
  for (const hrd of [vui.nalHrd, vui.vclHrd]) {
    w.flag(hrd !== undefined);
    if (hrd) writeHrd(w, hrd);
  }
  if (vui.nalHrd || vui.vclHrd) w.flag(false); // low_delay_hrd_flag
  w.flag(true); // pic_struct_present_flag
  w.flag(vui.restriction !== undefined);
  if (vui.restriction) {
    w.flag(true).ue(0).ue(0).ue(10).ue(10);
    w.ue(vui.restriction.reorder).ue(vui.restriction.buffering);
  }
}

function writeHrd(w: BitWriter, { buffers }: HrdDescription): void {
  w.ue(buffers - 1).u(4, 4).u(4, 3);
  for (let i = 0; i < buffers; i++) w.ue(1000 + i).ue(2000 + i).flag(false);
  w.u(5, 23).u(5, 23).u(5, 23).u(5, 24);
}

/** A PPS unit. `variant` makes one that differs from the others of its id. */
export function pps({ id = 0, spsId = 0, variant = 0 } = {}): Bytes {
  const w = new BitWriter().u(8, 0x68).ue(id).ue(spsId).flag(true).flag(false).ue(0).ue(0).ue(0);
  return escape(w.flag(false).u(2, 0).se(variant).se(0).se(0).u(3, 4).rbsp());
}

/** Access unit delimiter. */
export const DELIMITER: Bytes = new Uint8Array([0x09, 0x30]);
/** Filler data of a few bytes. */
export const FILLER: Bytes = new Uint8Array([0x0c, 0xff, 0xff, 0x80]);
/** A small SEI unit. */
export const SEI: Bytes = new Uint8Array([0x06, 0x05, 0x02, 0x11, 0x22, 0x80]);

/** A unit with a slice's header byte; its bytes tell it from all others with another seed. */
export function slice({ key = false, seed = 0, bytes = 40 } = {}): Bytes {
  const body = Uint8Array.from({ length: bytes }, (_, i) => 1 + (seed * 37 + i * 11) % 255);
  return concatBytes([new Uint8Array([key ? 0x65 : 0x41]), body]);
}

/** What a slice's header says of its picture; of a stream with {@link sps} as it is by itself. */
export interface SliceDescription {
  readonly type?: "idr" | "reference" | "other";
  readonly frameNum?: number;
  /** Only for an interlaced SPS: a frame if not given. */
  readonly field?: "frame" | "top" | "bottom";
  readonly firstMb?: number;
  /** pic_order_cnt_lsb, for an SPS with picture order 0. */
  readonly order?: number;
  readonly seed?: number;
}

/** A slice with a header that can be read (§7.3.3), and bytes that look like a picture. */
export function pictureSlice(description: SliceDescription = {}): Bytes {
  const { type = "reference", frameNum = 0, field, firstMb = 0, order, seed = 0 } = description;
  const w = new BitWriter().u(8, { idr: 0x65, reference: 0x41, other: 0x01 }[type]);
  w.ue(firstMb).ue(type === "idr" ? 7 : 5).ue(0); // slice_type, pic_parameter_set_id
  w.u(4, frameNum);
  if (field !== undefined) {
    w.flag(field !== "frame");
    if (field !== "frame") w.flag(field === "bottom");
  }
  if (type === "idr") w.ue(0); // idr_pic_id
  if (order !== undefined) w.u(6, order);
  const body = Uint8Array.from({ length: 80 }, (_, i) => 1 + (seed * 37 + i * 11) % 255);
  return concatBytes([escape(w.rbsp()), body]);
}

/** An SEI unit with a recovery point (§D.1.8) so many frames later. */
export function recoveryPoint(frames: number): Bytes {
  const payload = new BitWriter().ue(frames).flag(true).flag(false).u(2, 0).rbsp();
  return escape(new Uint8Array([0x06, 0x06, payload.length, ...payload, 0x80]));
}

/** Units behind start codes. */
export function annexB(
  units: readonly Uint8Array[],
  { startCode = 4, trailingZeros = 0 }: { startCode?: 3 | 4; trailingZeros?: number } = {},
): Bytes {
  const code = startCode === 4 ? [0, 0, 0, 1] : [0, 0, 1];
  const zeros = new Uint8Array(trailingZeros);
  return concatBytes(units.flatMap((unit) => [new Uint8Array(code), unit, zeros]));
}
