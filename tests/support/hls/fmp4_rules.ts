/** What RFC 8216bis says that fragmented MP4 in a playlist MUST be (§3.1.2), read box by box (ISO/IEC 14496-12). */

import type { Bytes } from "../../../shared/bytes.ts";
import {
  boxAt,
  boxesIn,
  findBox,
  findBoxes,
  u32At,
  u64At,
} from "../../../shared/mp4/box_reader.ts";
import { fourCcText } from "../../../shared/mp4/four_cc.ts";

/** `iso6`, what came after it, and what builds on it. */
const BRANDS = /^(?:iso[6-9a-z]|cmf[c2])$/;
const DATA_IN_SAME_FILE = 1;
const BASE_DATA_OFFSET = 0x01;
const DEFAULT_BASE_IS_MOOF = 0x02_0000;
/** Of these, where a box's count of entries is: `stsz` has a size before it. */
const SAMPLE_TABLES = { stts: 4, stsc: 4, stco: 4, stsz: 8 } as const;

/** A track as an init segment describes it. */
export interface DescribedTrack {
  /** Of its sample entry: `avc1`. */
  readonly entry: string;
  /** Pixels; 0 of sound. */
  readonly width: number;
  readonly height: number;
}

/** The tracks of an init segment. */
export function describedTracks(init: Bytes): DescribedTrack[] {
  return [...findBoxes(init, "moov/trak")].map(({ body }) => {
    const header = findBox(body, "tkhd")?.body ?? new Uint8Array(0);
    const entries = findBox(body, "mdia/minf/stbl/stsd")?.body ?? new Uint8Array(0);
    return {
      entry: boxAt(entries, 8)?.type ?? "",
      width: u32At(header, header.length - 8) / 0x1_0000,
      height: u32At(header, header.length - 4) / 0x1_0000,
    };
  });
}

/** What is wrong with a Media Initialization Section. */
export function initProblems(init: Bytes): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(`§3.1.2: ${sentence}`);
  };
  const [ftyp, moov] = [...boxesIn(init)];
  must(ftyp?.type === "ftyp" && moov?.type === "moov", "ftyp, then moov");
  must(ftyp !== undefined && brandsOf(ftyp.body).some((each) => BRANDS.test(each)), "no iso6");
  const inside = [...boxesIn(moov?.body ?? new Uint8Array(0))].map(({ type }) => type);
  must(inside.includes("mvex"), "no mvex");
  must(inside.lastIndexOf("trak") < inside.indexOf("mvex"), "mvex stands before a trak");
  const movie = findBox(init, "moov/mvhd")?.body ?? new Uint8Array(0);
  must(durationAt(movie, { short: 16, long: 24 }) === 0, "mvhd has a duration");
  for (const { body } of findBoxes(init, "moov/trak")) {
    const header = findBox(body, "tkhd")?.body ?? new Uint8Array(0);
    must(durationAt(header, { short: 20, long: 28 }) === 0, "tkhd has a duration");
    for (const [name, at] of Object.entries(SAMPLE_TABLES)) {
      const table = findBox(body, `mdia/minf/stbl/${name}`)?.body;
      must(table !== undefined && u32At(table, at) === 0, `${name} has samples, or is none`);
    }
    const references = findBox(body, "mdia/minf/dinf/dref")?.body ?? new Uint8Array(0);
    const where = boxAt(references, 8)?.body ?? new Uint8Array(0);
    must((u32At(where, 0) & DATA_IN_SAME_FILE) !== 0, "media in another file");
  }
  return problems;
}

/** What is wrong with a segment, or with a part of one. */
export function mediaProblems(media: Bytes): string[] {
  const problems: string[] = [];
  const tracks = [...findBoxes(media, "moof/traf")];
  if (tracks.length === 0) problems.push("§3.1.2: no fragment");
  for (const { body } of tracks) {
    if (!findBox(body, "tfdt")) problems.push("§3.1.2: traf without tfdt");
    const flags = u32At(findBox(body, "tfhd")?.body ?? new Uint8Array(0), 0);
    if ((flags & BASE_DATA_OFFSET) !== 0 || (flags & DEFAULT_BASE_IS_MOOF) === 0) {
      problems.push("§3.1.2: addresses that do not count from the moof");
    }
  }
  return problems;
}

function brandsOf(ftyp: Bytes): string[] {
  const brands = [fourCcText(u32At(ftyp, 0))];
  for (let at = 8; at + 4 <= ftyp.length; at += 4) brands.push(fourCcText(u32At(ftyp, at)));
  return brands;
}

function durationAt(box: Bytes, { short, long }: { short: number; long: number }): number {
  return box[0] === 1 ? u64At(box, long) : u32At(box, short);
}
