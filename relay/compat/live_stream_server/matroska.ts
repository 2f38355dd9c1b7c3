/**
 * JPEG pictures and PCM sound as a live Matroska stream (RFC 9559, EBML: RFC 8794): the one container that carries both
 * with their times over a single pipe. Writes what the encoder behind the pipe needs, no more.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { PictureSize } from "./jpeg_size.ts";
import { SAMPLE_BYTES, SAMPLE_RATE } from "./wav_file.ts";

/** Numbers of the tracks. */
export const TRACK = { picture: 1, sound: 2 } as const;

/** What the stream holds; at least one. */
export interface MatroskaTracks {
  readonly picture?: PictureSize;
  readonly sound: boolean;
}

const UNKNOWN_SIZE = new Uint8Array([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
const KEY_FRAME = 0x80;

/** What the stream begins with. */
export function matroskaHeader({ picture, sound }: MatroskaTracks): Bytes {
  const tracks: Bytes[] = [];
  if (picture) {
    tracks.push(track(TRACK.picture, {
      type: 1, // video
      codec: "V_MJPEG",
      more: element(0xe0, [
        unsigned(0xb0, picture.width), // PixelWidth
        unsigned(0xba, picture.height), // PixelHeight
      ]),
    }));
  }
  if (sound) {
    tracks.push(track(TRACK.sound, {
      type: 2, // audio
      codec: "A_PCM/INT/LIT",
      more: element(0xe1, [
        float(0xb5, SAMPLE_RATE), // SamplingFrequency
        unsigned(0x9f, 1), // Channels
        unsigned(0x6264, SAMPLE_BYTES * 8), // BitDepth
      ]),
    }));
  }
  return concatBytes([
    element(0x1a45dfa3, [
      unsigned(0x4286, 1), // EBMLVersion
      unsigned(0x42f7, 1), // EBMLReadVersion
      unsigned(0x42f2, 4), // EBMLMaxIDLength
      unsigned(0x42f3, 8), // EBMLMaxSizeLength
      text(0x4282, "matroska"), // DocType
      unsigned(0x4287, 4), // DocTypeVersion
      unsigned(0x4285, 2), // DocTypeReadVersion
    ]),
    id(0x18538067), // Segment, without an end
    UNKNOWN_SIZE,
    element(0x1549a966, [
      unsigned(0x2ad7b1, 1_000_000), // TimestampScale: ms
      text(0x4d80, "Rill"), // MuxingApp
      text(0x5741, "Rill"), // WritingApp
    ]),
    element(0x1654ae6b, tracks),
  ]);
}

/** A cluster of one block. @param timeMs since the stream's beginning. */
export function matroskaBlock(trackNumber: number, timeMs: number, payload: Bytes): Bytes {
  const block = new Uint8Array(4);
  block[0] = 0x80 | trackNumber;
  block[3] = KEY_FRAME; // after two bytes of time relative to the cluster's, 0
  return element(0x1f43b675, [
    unsigned(0xe7, timeMs), // Timestamp
    element(0xa3, [block, payload]), // SimpleBlock
  ]);
}

function track(
  number: number,
  { type, codec, more }: { type: number; codec: string; more: Bytes },
): Bytes {
  return element(0xae, [
    unsigned(0xd7, number), // TrackNumber
    unsigned(0x73c5, number), // TrackUID
    unsigned(0x83, type), // TrackType
    unsigned(0x9c, 0), // FlagLacing
    text(0x86, codec), // CodecID
    more,
  ]);
}

function element(of: number, parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = new Uint8Array(5);
  size[0] = 0x08; // five bytes: up to 2^35
  new DataView(size.buffer).setUint32(1, length);
  return concatBytes([id(of), size, ...parts]);
}

/** An identifier, which carries its length itself. */
function id(of: number): Bytes {
  const bytes: number[] = [];
  for (let rest = of; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return new Uint8Array(bytes);
}

function unsigned(of: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return element(of, [bytes]);
}

function float(of: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value);
  return element(of, [bytes]);
}

function text(of: number, value: string): Bytes {
  return element(of, [new TextEncoder().encode(value)]);
}
