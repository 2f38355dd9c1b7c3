/**
 * What a transport stream carries where MP4 carries samples: per sample entry, the stream type, descriptors, and the
 * way from a sample to a PES payload. H.264 and H.265 as Annex B with delimiters and parameter sets in band
 * (ISO/IEC 13818-1 §2.14.1, §2.17.1), AAC as ADTS, Opus with its control header (ETSI TS 103 491, annex B).
 *
 * @module
 */

import type { Track } from "../../shared/media.ts";
import { avcParameterSets, hevcParameterSets, unitsOf } from "../../shared/mp4/decoder_config.ts";
import { AdtsWriter } from "./adts.ts";

/** How a track's samples go into PES packets. */
export interface PayloadWriter {
  readonly streamType: number;
  readonly streamId: number;
  readonly descriptors: Uint8Array;
  /** Pieces of one sample's payload, in order. */
  sample(sample: Uint8Array, key: boolean): Uint8Array[];
}

const NO_DESCRIPTORS = new Uint8Array(0);
const VIDEO_STREAM_ID = 0xe0;
const AUDIO_STREAM_ID = 0xc0;
const PRIVATE_STREAM_1 = 0xbd;
const START_CODE = Uint8Array.of(0, 0, 0, 1);

/** The writer for a track; `undefined` for a sample entry that a transport stream cannot carry. */
export function payloadWriter(track: Track): PayloadWriter | undefined {
  switch (track.sampleEntry) {
    case "avc1":
    case "avc3":
      return annexB(AVC, avcParameterSets(track.config.bytes));
    case "hvc1":
    case "hev1":
      return annexB(HEVC, hevcParameterSets(track.config.bytes));
    case "mp4a":
      return aac(track.config.bytes);
    case "Opus":
      return track.kind === "audio" ? opus(track.channels) : undefined;
    default:
      return undefined;
  }
}

interface NalSyntax {
  readonly streamType: number;
  readonly delimiter: Uint8Array;
  typeOf(unit: Uint8Array): number;
  readonly delimiterType: number;
  readonly setType: number;
}

const AVC: NalSyntax = {
  streamType: 0x1b,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0), // any slice type
  typeOf: (unit) => (unit[0] ?? 0) & 0x1f,
  delimiterType: 9,
  setType: 7,
};

const HEVC: NalSyntax = {
  streamType: 0x24,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50), // any slice type
  typeOf: (unit) => ((unit[0] ?? 0) >> 1) & 0x3f,
  delimiterType: 35,
  setType: 33,
};

function annexB(syntax: NalSyntax, sets: readonly Uint8Array[]): PayloadWriter {
  return {
    streamType: syntax.streamType,
    streamId: VIDEO_STREAM_ID,
    descriptors: NO_DESCRIPTORS,
    sample(sample, key): Uint8Array[] {
      const units = unitsOf(sample);
      const types = units.map(syntax.typeOf);
      const pieces: Uint8Array[] = [syntax.delimiter];
      if (key && !types.includes(syntax.setType)) {
        for (const set of sets) pieces.push(START_CODE, set);
      }
      units.forEach((unit, at) => {
        if (types[at] !== syntax.delimiterType) pieces.push(START_CODE, unit);
      });
      return pieces;
    },
  };
}

function aac(esds: Uint8Array): PayloadWriter | undefined {
  const adts = AdtsWriter.of(esds);
  return adts && {
    streamType: 0x0f,
    streamId: AUDIO_STREAM_ID,
    descriptors: NO_DESCRIPTORS,
    sample: (sample) => [adts.header(sample.length), sample],
  };
}

function opus(channels: number): PayloadWriter {
  return {
    streamType: 0x06,
    streamId: PRIVATE_STREAM_1,
    descriptors: Uint8Array.of(
      0x05, // registration_descriptor
      4,
      ...new TextEncoder().encode("Opus"),
      0x7f, // extension descriptor
      2,
      0x80, // Opus
      channels, // channel_config_code
    ),
    sample(sample): Uint8Array[] {
      const header = [0x7f, 0xe0]; // control_header_prefix, no trims, no extension
      let left = sample.length;
      for (; left >= 255; left -= 255) header.push(255);
      header.push(left);
      return [Uint8Array.from(header), sample];
    },
  };
}
