/**
 * What RTP carries where MP4 carries samples: per sample entry, how the session description names it, and the way from
 * samples to payloads. Headers of packets and times on the wire are not its business.
 *
 * @module
 */

import type { Track } from "../../shared/media.ts";
import { aacPayloads } from "./aac_payload.ts";
import { h264Payloads } from "./h264_payload.ts";
import { h265Payloads } from "./h265_payload.ts";

/** Bytes of a payload: with all headers it passes tunnels and IPv6's least MTU of 1280. */
export const MAX_PAYLOAD_BYTES = 1_200;

/** One packet's payload. */
export interface Payload {
  /** Back to back. */
  readonly parts: readonly Uint8Array[];
  /** The packet's marker bit, as the payload format has it. */
  readonly marker: boolean;
  /** Which of the samples it begins with. */
  readonly sample: number;
}

/** How one track's samples go into packets. */
export interface PayloadWriter {
  readonly payloadType: number;
  readonly clockRate: number;
  /** After `a=rtpmap:N `. */
  readonly encoding: string;
  /** After `a=fmtp:N `; empty where there is nothing to say. */
  readonly parameters: string;
  /** The samples of one fragment, in order. */
  payloads(samples: readonly Uint8Array[], key: boolean): Payload[];
}

/** Dynamic payload types, RFC 3551 §6. */
export const PAYLOAD_TYPES = { video: 96, audio: 97 } as const;
/** Whatever the sound was made at (RFC 7587 §4.1). */
const OPUS_RATE = 48_000;

/** The writer for a track; `undefined` for a sample entry that has no payload format here. */
export function payloadWriter(track: Track): PayloadWriter | undefined {
  const payloadType = PAYLOAD_TYPES[track.kind];
  switch (track.sampleEntry) {
    case "avc1":
    case "avc3":
      return { payloadType, ...h264Payloads(track.config.bytes, MAX_PAYLOAD_BYTES) };
    case "hvc1":
    case "hev1":
      return { payloadType, ...h265Payloads(track.config.bytes, MAX_PAYLOAD_BYTES) };
    case "mp4a": {
      const aac = aacPayloads(track, MAX_PAYLOAD_BYTES);
      return aac && { payloadType, ...aac };
    }
    case "Opus":
      return track.kind === "audio" ? { payloadType, ...opusPayloads(track.channels) } : undefined;
    default:
      return undefined;
  }
}

/** RFC 7587: a packet each, two channels in its name whatever there are. */
function opusPayloads(channels: number): Omit<PayloadWriter, "payloadType"> {
  return {
    clockRate: OPUS_RATE,
    encoding: `opus/${OPUS_RATE}/2`,
    parameters: channels > 1 ? "sprop-stereo=1" : "",
    payloads: (samples) =>
      samples.map((sample, at) => ({ parts: [sample], marker: false, sample: at })),
  };
}
