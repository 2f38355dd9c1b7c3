/**
 * What a movie's index says of its tracks (ISO/IEC 14496-12:2015 §8.2 to §8.6), as far as they can be played: codec,
 * timescale, where presentation begins. Sample tables are sample_table.ts's.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import {
  type Box,
  boxAt,
  boxesIn,
  findBox,
  findBoxes,
  i32At,
  i64At,
  u16At,
  u32At,
  u64At,
} from "../../shared/mp4/box_reader.ts";
import { fourCcText } from "../../shared/mp4/four_cc.ts";
import { MPEG_TIMESCALE } from "../../shared/units.ts";

/** Bytes of a VisualSampleEntry before its boxes, §12.1.3. */
const VISUAL_ENTRY_BYTES = 78;
/** Bytes of an AudioSampleEntry before its boxes, §12.2.3; QuickTime's versions 1 and 2 have more. */
const AUDIO_ENTRY_BYTES = 28;
const QUICKTIME_EXTRA_BYTES = [0, 16, 36];
/** Edits looked at: silence before the track, then where it begins. */
const MAX_EDITS = 16;

/** A track that may be played. */
export interface MovieTrack {
  readonly id: number;
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** Four-character code of the sample entry. */
  readonly entry: string;
  /** The boxes inside the sample entry. */
  readonly boxes: Bytes;
  /** Of pictures, after what cropping the file wants. */
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** What to add to the track's times, 90 kHz, so that all tracks agree (edit list, §8.6.6). */
  readonly shift: number;
  /** The track's sample table box; empty in a fragmented movie. */
  readonly table: Bytes;
}

/** The tracks of a `moov` body, in file order. */
export function readMovie(moov: Bytes): readonly MovieTrack[] {
  const header = findBox(moov, "mvhd")?.body;
  const movieTimescale = header ? u32At(header, header[0] === 1 ? 20 : 12) : 0;
  const tracks: MovieTrack[] = [];
  for (const { body } of findBoxes(moov, "trak")) {
    const track = readTrack(body, movieTimescale);
    if (track) tracks.push(track);
  }
  return tracks;
}

function readTrack(trak: Bytes, movieTimescale: number): MovieTrack | undefined {
  const header = findBox(trak, "tkhd")?.body;
  const media = findBox(trak, "mdia/mdhd")?.body;
  const handler = findBox(trak, "mdia/hdlr")?.body;
  const table = findBox(trak, "mdia/minf/stbl")?.body;
  const entry = table && firstEntry(findBox(table, "stsd")?.body);
  if (!header || !media || !handler || !table || !entry) return undefined;
  const type = fourCcText(u32At(handler, 8));
  if (type !== "vide" && type !== "soun") return undefined;
  const timescale = u32At(media, media[0] === 1 ? 20 : 12);
  if (timescale === 0) return undefined;
  const extra = QUICKTIME_EXTRA_BYTES[u16At(entry.body, 8)] ?? 0;
  const boxesFrom = type === "vide" ? VISUAL_ENTRY_BYTES : AUDIO_ENTRY_BYTES + extra;
  return {
    id: u32At(header, header[0] === 1 ? 20 : 12),
    kind: type === "vide" ? "video" : "audio",
    timescale,
    entry: entry.type,
    boxes: entry.body.slice(boxesFrom),
    width: u16At(entry.body, 24),
    height: u16At(entry.body, 26),
    channels: u16At(entry.body, 16),
    sampleRate: u16At(entry.body, 24),
    shift: readShift(findBox(trak, "edts/elst")?.body, { timescale, movieTimescale }),
    table: table.slice(),
  };
}

function firstEntry(stsd: Bytes | undefined): Box | undefined {
  return stsd === undefined ? undefined : boxAt(stsd.subarray(8), 0);
}

/** Edit list, §8.6.6: empty edits delay the track, the first other says which of its times is shown then. */
function readShift(
  elst: Bytes | undefined,
  { timescale, movieTimescale }: { readonly timescale: number; readonly movieTimescale: number },
): number {
  if (!elst || movieTimescale === 0) return 0;
  const wide = elst[0] === 1;
  const count = Math.min(u32At(elst, 4), MAX_EDITS);
  let delay = 0;
  for (let i = 0; i < count; i++) {
    const at = 8 + i * (wide ? 20 : 12);
    const duration = wide ? u64At(elst, at) : u32At(elst, at);
    const mediaTime = wide ? i64At(elst, at + 8) : i32At(elst, at + 4);
    if (mediaTime < 0) delay += (duration * MPEG_TIMESCALE) / movieTimescale;
    else return delay - (mediaTime * MPEG_TIMESCALE) / timescale;
  }
  return delay;
}

/** The box of that type in a sample entry, wherever it stands (QuickTime puts `esds` into `wave`). */
export function configOf(boxes: Bytes, type: string): Bytes | undefined {
  for (const box of boxesIn(boxes)) {
    if (box.type === type) return box.body;
    if (box.type === "wave") return findBox(box.body, type)?.body;
  }
  return undefined;
}
