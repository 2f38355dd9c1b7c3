/**
 * What the player must know of the bytes that arrive: which tracks, which times in seconds, where a
 * decoder can start, when each picture was taken. Reads through `shared/mp4`; keeps no state.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { findBox, findBoxes, u32At } from "../../../shared/mp4/box_reader.ts";
import { fourCcText } from "../../../shared/mp4/four_cc.ts";
import {
  type FragmentInfo,
  readFragments,
  readSampleDefaults,
  type SampleDefaults,
  type TrackFragment,
} from "../../../shared/mp4/fragment_reader.ts";

/** A track of the init segment. */
interface IncomingTrack {
  readonly kind: "video" | "audio";
  readonly timescale: number;
}

/** What an init segment says that fragments need in order to be read. */
export interface InitInfo {
  /** By track id. */
  readonly tracks: ReadonlyMap<number, IncomingTrack>;
  readonly defaults: ReadonlyMap<number, SampleDefaults>;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
}

/** A picture (or, where there are none, a piece of sound) and when it was taken. */
export interface Picture {
  /** Presentation time, seconds. */
  readonly at: number;
  /** Origin clock, ms since the Unix epoch; undefined when its fragment does not say. */
  readonly capturedMs: number | undefined;
}

/** What a message of fragments holds. All times are presentation times in seconds. */
export interface MediaInfo {
  /** Earliest picture, or earliest sound in a message without pictures. */
  readonly start: number;
  /** End of the latest. */
  readonly end: number;
  /** Decode times of the first and the last. */
  readonly decodeStart: number;
  readonly decodeEnd: number;
  /** Decode time of the last sound; undefined where there is none. */
  readonly soundTo: number | undefined;
  /** A decoder can start with this message. */
  readonly key: boolean;
  /** Empty for the sound of a stream with pictures that could not wait for one (contract §5). */
  readonly pictures: readonly Picture[];
}

const KINDS: Readonly<Record<string, "video" | "audio">> = { vide: "video", soun: "audio" };

/** Whether `bytes` are an init segment: such a message begins with `ftyp`, or `moov` in its absence. */
export function isInitSegment(bytes: Bytes): boolean {
  const type = fourCcText(u32At(bytes, 4));
  return type === "ftyp" || type === "moov";
}

/** Reads an init segment; undefined when it is damaged or has no track that can be played. */
export function readInit(bytes: Bytes): InitInfo | undefined {
  const tracks = new Map<number, IncomingTrack>();
  for (const { body } of findBoxes(bytes, "moov/trak")) {
    const header = findBox(body, "tkhd")?.body; // §8.3.2
    const media = findBox(body, "mdia/mdhd")?.body; // §8.4.2
    const handler = findBox(body, "mdia/hdlr")?.body; // §8.4.3
    if (header === undefined || media === undefined || handler === undefined) continue;
    const kind = KINDS[fourCcText(u32At(handler, 8))];
    const timescale = u32At(media, media[0] === 1 ? 20 : 12);
    if (kind !== undefined && timescale > 0) {
      tracks.set(u32At(header, header[0] === 1 ? 20 : 12), { kind, timescale });
    }
  }
  if (tracks.size === 0) return undefined;
  const kinds = [...tracks.values()].map(({ kind }) => kind);
  return {
    tracks,
    defaults: readSampleDefaults(bytes),
    hasVideo: kinds.includes("video"),
    hasAudio: kinds.includes("audio"),
  };
}

/** Reads a message of fragments; undefined when it holds none of a known track. */
export function readMedia(bytes: Bytes, init: InitInfo): MediaInfo | undefined {
  const fragments = [...readFragments(bytes, { defaults: init.defaults })];
  const sound = readKind("audio", { fragments, init });
  const soundTo = sound?.decodeEnd;
  const leading = init.hasVideo ? readKind("video", { fragments, init }) : sound;
  if (leading !== undefined) return { ...leading, soundTo };
  return sound === undefined ? undefined : { ...sound, soundTo, key: false, pictures: [] };
}

/** Reads the fragments of one kind of track; undefined when there are none. */
function readKind(
  kind: "video" | "audio",
  { fragments, init }: { fragments: readonly FragmentInfo[]; init: InitInfo },
): Omit<MediaInfo, "soundTo"> | undefined {
  const pictures: Picture[] = [];
  let start = Infinity;
  let end = -Infinity;
  let decodeStart = Infinity;
  let decodeEnd = -Infinity;
  let key = false;
  for (const fragment of fragments) {
    for (const part of fragment.tracks) {
      const track = init.tracks.get(part.track);
      if (track?.kind !== kind || part.dts === undefined) continue;
      const decodeAt = part.dts / track.timescale;
      const at = (part.dts + (part.samples[0]?.compositionOffset ?? 0)) / track.timescale;
      start = Math.min(start, at);
      end = Math.max(end, at + part.duration / track.timescale);
      decodeStart = Math.min(decodeStart, decodeAt);
      decodeEnd = Math.max(decodeEnd, decodeAt);
      key ||= part.key;
      pictures.push({ at, capturedMs: capturedMs(fragment, part) });
    }
  }
  if (pictures.length === 0) return undefined;
  return { start, end, decodeStart, decodeEnd, key, pictures };
}

function capturedMs({ capture }: FragmentInfo, { track }: TrackFragment): number | undefined {
  return capture?.track === track ? capture.time / 1000 : undefined;
}
