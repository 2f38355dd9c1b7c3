/**
 * What a WebCodecs `AudioDecoder` must be told of a sound track, from the init segment: AAC with its
 * AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1, inside `esds`, ISO/IEC 14496-14 §5.6), and Opus. Decodes nothing.
 *
 * @module
 */

import type { Bytes } from "../../../../shared/bytes.ts";
import type { StreamMessage } from "../../../../shared/control.ts";
import { readTracks } from "../../../../shared/mp4/init_reader.ts";

/** As `AudioDecoder.configure` takes it. */
export interface SoundConfig {
  /** RFC 6381. */
  readonly codec: string;
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  readonly description?: Bytes;
}

/** Descriptor tags, ISO/IEC 14496-1 §7.2.2.1. */
const TAG = { stream: 0x03, decoderConfig: 0x04, decoderSpecific: 0x05 } as const;
/** Bytes of a descriptor before those inside it: ES_ID and flags; object type to average bit rate. */
const BEFORE: Readonly<Record<number, number>> = { [TAG.stream]: 3, [TAG.decoderConfig]: 13 };
const FULL_BOX_BYTES = 4;
/** Opus in more channels needs a mapping that we do not write. */
const MAX_OPUS_CHANNELS = 2;

/** The sound track of `init`, as far as it can be decoded beside the pictures; undefined otherwise. */
export function soundConfig(init: Bytes, stream: StreamMessage): SoundConfig | undefined {
  const described = stream.tracks.find(({ kind }) => kind === "audio");
  const track = readTracks(init).find(({ kind }) => kind === "audio");
  if (described === undefined || track?.kind !== "audio") return undefined;
  const { codec } = described;
  const sampleRate = described.sampleRate ?? track.sampleRate;
  const numberOfChannels = described.channels ?? track.channels;
  if (sampleRate === 0 || numberOfChannels === 0) return undefined;
  const base = { codec, sampleRate, numberOfChannels };
  if (/^opus$/i.test(codec)) {
    return numberOfChannels > MAX_OPUS_CHANNELS ? undefined : { ...base, codec: "opus" };
  }
  if (!codec.startsWith("mp4a.40.") || track.config.type !== "esds") return undefined;
  const description = decoderSpecific(track.config.bytes.subarray(FULL_BOX_BYTES));
  return description === undefined ? undefined : { ...base, description };
}

/** The DecoderSpecificInfo inside `bytes`, a row of descriptors. */
function decoderSpecific(bytes: Bytes): Bytes | undefined {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const tag = bytes[at++] ?? 0;
    let length = 0;
    let more = true;
    while (more && at < bytes.length) { // §8.3.3: seven bits a byte
      const next = bytes[at++] ?? 0;
      length = (length << 7) | (next & 0x7f);
      more = (next & 0x80) !== 0;
    }
    const body = bytes.subarray(at, at + length);
    if (tag === TAG.decoderSpecific) return body.length === 0 ? undefined : body.slice();
    const before = BEFORE[tag];
    const inside = before === undefined ? undefined : decoderSpecific(body.subarray(before));
    if (inside !== undefined) return inside;
    at += length;
  }
  return undefined;
}
