/**
 * Whether an index is one that a Rill wrote, and what its tracks are in the terms of a player (RFC 6381): such streams
 * pass through without being taken apart.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { findBox, u32At } from "../../shared/mp4/box_reader.ts";
import { fourCc } from "../../shared/mp4/four_cc.ts";
import { readTracks } from "../../shared/mp4/init_reader.ts";
import { h265CodecString } from "../codecs/h265.ts";
import { soundCodecOf } from "./sound_track.ts";

/** The brand of our own fragments (contract §5). */
const RILL_BRAND = fourCc("rill");

/** The tracks of `ftyp moov` if they bear our brand and every track is one we write. */
export function ownTracks(index: Bytes): readonly Track[] | undefined {
  const brands = findBox(index, "ftyp")?.body;
  if (!brands || !hasBrand(brands)) return undefined;
  const tracks: Track[] = [];
  for (const track of readTracks(index)) {
    const codec = codecOf(track);
    if (codec === undefined) return undefined;
    tracks.push({ ...track, codec });
  }
  const kinds = new Set(tracks.map(({ kind }) => kind));
  return tracks.length > 0 && kinds.size === tracks.length ? tracks : undefined;
}

function hasBrand(brands: Bytes): boolean {
  for (let at = 0; at + 4 <= brands.length; at += 4) {
    if (at !== 4 && u32At(brands, at) === RILL_BRAND) return true; // at 4 stands minor_version
  }
  return false;
}

function codecOf({ sampleEntry, config: { bytes } }: Track): string | undefined {
  switch (sampleEntry) {
    case "avc1":
      return `avc1.${
        [...bytes.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
      }`;
    case "hvc1":
      return h265CodecString({
        space: (bytes[1] ?? 0) >> 6,
        tier: ((bytes[1] ?? 0) >> 5) & 1,
        profile: (bytes[1] ?? 0) & 0x1f,
        compatibility: u32At(bytes, 2),
        constraints: bytes.slice(6, 12),
        level: bytes[12] ?? 0,
      });
    case "mp4a":
      return soundCodecOf(bytes);
    case "Opus":
      return "opus";
    default:
      return undefined;
  }
}
