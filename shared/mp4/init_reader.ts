/**
 * The tracks that a `moov` describes, as Rill writes it (ISO/IEC 14496-12:2015 §8.2 to §8.5, §12). The
 * counterpart of the relay's init segment writer; sample tables are not read, and a track of another
 * kind or shape is left out. Never throws on damaged input.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import type { AudioTrack, Track, VideoTrack } from "../media.ts";
import type { Box } from "./box_reader.ts";
import { boxAt, boxesIn, findBox, findBoxes, u16At, u32At } from "./box_reader.ts";
import { fourCcText } from "./four_cc.ts";

/** Bytes of a VisualSampleEntry before its boxes, §12.1.3. */
const VISUAL_ENTRY_BYTES = 78;
/** Bytes of an AudioSampleEntry before its boxes, §12.2.3. */
const AUDIO_ENTRY_BYTES = 28;
const FULL_RANGE = 0x80;

/**
 * The tracks of the `moov` among the top-level boxes in `bytes`, in file order; none when there is no
 * whole one. A track's `codec` is its sample entry's name alone: the parameters are the codec's affair.
 */
export function readTracks(bytes: Bytes): readonly Track[] {
  const tracks: Track[] = [];
  for (const { body } of findBoxes(bytes, "moov/trak")) {
    const track = readTrack(body);
    if (track !== undefined) tracks.push(track);
  }
  return tracks;
}

function readTrack(trak: Bytes): Track | undefined {
  const header = findBox(trak, "tkhd")?.body;
  const media = findBox(trak, "mdia/mdhd")?.body;
  const handler = findBox(trak, "mdia/hdlr")?.body;
  const entry = firstEntry(findBox(trak, "mdia/minf/stbl/stsd")?.body);
  if (header === undefined || media === undefined || handler === undefined || entry === undefined) {
    return undefined;
  }
  const base = {
    id: u32At(header, header[0] === 1 ? 20 : 12),
    codec: entry.type,
    timescale: u32At(media, media[0] === 1 ? 20 : 12),
    sampleEntry: entry.type,
  };
  if (base.id === 0 || base.timescale === 0) return undefined;
  switch (fourCcText(u32At(handler, 8))) {
    case "vide":
      return readVideo(base, entry.body);
    case "soun":
      return readAudio(base, entry.body);
    default:
      return undefined;
  }
}

type Base = Pick<Track, "id" | "codec" | "timescale" | "sampleEntry">;

function firstEntry(stsd: Bytes | undefined): Box | undefined {
  return stsd === undefined ? undefined : boxAt(stsd.subarray(8), 0);
}

function readVideo(base: Base, entry: Bytes): VideoTrack | undefined {
  const boxes = entry.subarray(VISUAL_ENTRY_BYTES);
  const config = readConfig(boxes);
  if (config === undefined) return undefined;
  const aspect = findBox(boxes, "pasp")?.body;
  const colour = findBox(boxes, "colr")?.body;
  return {
    ...base,
    kind: "video",
    config,
    width: u16At(entry, 24),
    height: u16At(entry, 26),
    ...(aspect === undefined
      ? {}
      : { pixelAspect: { horizontal: u32At(aspect, 0), vertical: u32At(aspect, 4) } }),
    ...(colour === undefined || fourCcText(u32At(colour, 0)) !== "nclx" ? {} : {
      colour: {
        primaries: u16At(colour, 4),
        transfer: u16At(colour, 6),
        matrix: u16At(colour, 8),
        fullRange: ((colour[10] ?? 0) & FULL_RANGE) !== 0,
      },
    }),
  };
}

function readAudio(base: Base, entry: Bytes): AudioTrack | undefined {
  const config = readConfig(entry.subarray(AUDIO_ENTRY_BYTES));
  if (config === undefined) return undefined;
  return {
    ...base,
    kind: "audio",
    config,
    channels: u16At(entry, 16),
    sampleRate: u16At(entry, 24),
  };
}

/** The first box of an entry is the decoder's. */
function readConfig(boxes: Bytes): Track["config"] | undefined {
  for (const { type, body } of boxesIn(boxes)) return { type, bytes: body.slice() };
  return undefined;
}
