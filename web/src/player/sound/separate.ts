/**
 * A stream's pictures and its sound taken apart (ISO/IEC 14496-12:2015 §8): an init segment without its sound
 * tracks, and a message's fragments by kind. Pictures pass on byte for byte, where they lie together without a
 * copy; nothing is decoded.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../../../shared/bytes.ts";
import { type Box, boxesIn, findBox, u32At } from "../../../../shared/mp4/box_reader.ts";
import { readFragments } from "../../../../shared/mp4/fragment_reader.ts";
import type { InitInfo } from "../incoming.ts";

/** One encoded piece of sound; times in seconds. */
export interface SoundUnit {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
}

/** What a message holds. */
export interface Separated {
  /** Its picture fragments; undefined where there are none. */
  readonly pictures: Bytes | undefined;
  readonly sounds: readonly SoundUnit[];
}

const HEADER_BYTES = 8;

/** `init` with its picture tracks alone. */
export function picturesOnly(init: Bytes, { tracks }: InitInfo): Bytes {
  const keeps = (id: number): boolean => tracks.get(id)?.kind === "video";
  const parts: Uint8Array[] = [];
  for (const box of boxesIn(init)) {
    parts.push(box.type === "moov" ? movie(box, keeps) : whole(init, box));
  }
  return concatBytes(parts);
}

/** Movie box, §8.2.1. */
function movie({ body }: Box, keeps: (id: number) => boolean): Bytes {
  const parts: Bytes[] = [];
  for (const box of boxesIn(body)) {
    if (box.type === "trak" && !keeps(trackId(box))) continue;
    parts.push(box.type === "mvex" ? extends_(box, keeps) : whole(body, box));
  }
  return boxOf("moov", parts);
}

/** Movie extends box, §8.8.1: a `trex` a track. */
function extends_({ body }: Box, keeps: (id: number) => boolean): Bytes {
  const parts: Bytes[] = [];
  for (const box of boxesIn(body)) {
    if (box.type !== "trex" || keeps(u32At(box.body, 4))) parts.push(whole(body, box));
  }
  return boxOf("mvex", parts);
}

/** Track header, §8.3.2. */
function trackId({ body }: Box): number {
  const header = findBox(body, "tkhd")?.body;
  return header === undefined ? 0 : u32At(header, header[0] === 1 ? 20 : 12);
}

function whole(bytes: Bytes, { start, byteLength }: Box): Bytes {
  return bytes.subarray(start, start + byteLength);
}

function boxOf(type: string, parts: readonly Bytes[]): Bytes {
  const byteLength = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES);
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, byteLength);
  for (let i = 0; i < type.length; i++) header[4 + i] = type.charCodeAt(i);
  return concatBytes([header, ...parts]);
}

/** Takes a message apart. A fragment of several tracks, which the relay never makes, counts as pictures. */
export function separate(message: Bytes, init: InitInfo): Separated {
  const pictures: Bytes[] = [];
  const sounds: SoundUnit[] = [];
  let at = 0;
  for (const fragment of readFragments(message, { defaults: init.defaults })) {
    const [part, ...more] = fragment.tracks;
    const track = part === undefined ? undefined : init.tracks.get(part.track);
    if (track?.kind === "audio" && more.length === 0 && part?.dts !== undefined) {
      let time: number = part.dts;
      for (const { offset, size, duration } of part.samples) {
        const from = fragment.moofStart + offset;
        sounds.push({
          bytes: message.subarray(from, from + size),
          start: time / track.timescale,
          end: (time + duration) / track.timescale,
        });
        time += duration;
      }
    } else {
      pictures.push(message.subarray(at, fragment.end));
    }
    at = fragment.end;
  }
  const [only] = pictures;
  const joined = pictures.length > 1 ? concatBytes(pictures) : only;
  return { pictures: joined, sounds };
}
