/**
 * Samples of a sound track: they go on as they are, under the decoder configuration that the file has
 * (`esds`, ISO/IEC 14496-14 §5.6; `dOps`, Encapsulation of Opus in ISO base media §4.3.2).
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { BitReader } from "../bytes/bit_reader.ts";
import type {
  AccessUnitTimes,
  ElementaryOutput,
  ElementarySample,
  TrackConfig,
} from "../codecs/codec.ts";
import { configOf, type MovieTrack } from "./movie.ts";
import type { SampleTaker } from "./picture_track.ts";

const ES_DESCRIPTOR = 0x03;
const DECODER_CONFIG_DESCRIPTOR = 0x04;
const DECODER_SPECIFIC_INFO = 0x05;
/** objectTypeIndication: ISO/IEC 14496-3 audio. */
const MPEG4_AUDIO = 0x40;
/** audioObjectType 31 says that six more bits follow. */
const ESCAPED_OBJECT_TYPE = 31;

/** Opens a sound track; `undefined` where its codec is none that browsers play. */
export function openSound(track: MovieTrack, out: ElementaryOutput): SampleTaker | undefined {
  const config = readConfig(track);
  if (!config) return undefined;
  let told = false;
  const units: Uint8Array[] = [];
  const sample: ElementarySample = {
    dts: 0,
    pts: 0,
    key: true,
    arrival: 0 as AccessUnitTimes["arrival"],
    duration: 0,
    units,
  };
  return {
    sample(bytes, { dts, arrival, duration }): void {
      if (dts === undefined || bytes.length === 0) return out.unreadable();
      if (!told) out.config(config);
      told = true;
      units[0] = bytes;
      sample.dts = dts;
      sample.pts = dts;
      sample.arrival = arrival;
      sample.duration = duration;
      out.sample(sample);
    },
    gap: () => {},
  };
}

function readConfig(track: MovieTrack): TrackConfig | undefined {
  const { channels, sampleRate, timescale } = track;
  const base = { kind: "audio", timescale, channels, sampleRate: sampleRate || timescale } as const;
  if (track.entry === "Opus") {
    const bytes = configOf(track.boxes, "dOps");
    if (!bytes) return undefined;
    return { ...base, codec: "opus", sampleEntry: "Opus", config: { type: "dOps", bytes } };
  }
  const bytes = track.entry === "mp4a" ? configOf(track.boxes, "esds") : undefined;
  const codec = bytes && soundCodecOf(bytes);
  if (!bytes || !codec) return undefined;
  return { ...base, codec, sampleEntry: "mp4a", config: { type: "esds", bytes: bytes.slice() } };
}

/** RFC 6381 §3.3: objectTypeIndication and, of MPEG-4 audio, the object type. */
export function soundCodecOf(esds: Bytes): string | undefined {
  const es = descriptor(esds.subarray(4), ES_DESCRIPTOR);
  if (!es) return undefined;
  const flags = es[2] ?? 0;
  const url = (flags & 0x40) !== 0 ? 1 + (es[5] ?? 0) : 0;
  const skipped = 3 + ((flags & 0x80) !== 0 ? 2 : 0) + url + ((flags & 0x20) !== 0 ? 2 : 0);
  const decoder = descriptor(es.subarray(skipped), DECODER_CONFIG_DESCRIPTOR);
  if (!decoder) return undefined;
  const indication = decoder[0] ?? 0;
  const specific = descriptor(decoder.subarray(13), DECODER_SPECIFIC_INFO);
  if (indication !== MPEG4_AUDIO) return `mp4a.${indication.toString(16)}`;
  if (!specific) return undefined;
  const r = new BitReader(specific);
  const type = r.bits(5);
  return `mp4a.40.${type === ESCAPED_OBJECT_TYPE ? 32 + r.bits(6) : type}`;
}

/** The content of the descriptor at the beginning (ISO/IEC 14496-1 §8.3.3), if it is of that kind. */
function descriptor(bytes: Bytes, tag: number): Bytes | undefined {
  if (bytes[0] !== tag) return undefined;
  let size = 0;
  let at = 1;
  for (let more = true; more && at < 5; at++) {
    size = size * 128 + ((bytes[at] ?? 0) & 0x7f);
    more = ((bytes[at] ?? 0) & 0x80) !== 0;
  }
  return bytes.subarray(at, at + size);
}
