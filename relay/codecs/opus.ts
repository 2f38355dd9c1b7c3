/**
 * Opus in a transport stream (Xiph's draft "OpusTS") to packets and a `dOps` box (Encapsulation of Opus in ISO base
 * media §4.3.2). Access units carry a control header with their length
 * and what is to be trimmed; several may share a time stamp. One cut off by its PES packet's end is left out.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { Codec, ElementaryOutput, ElementaryStream, TrackConfig } from "./codec.ts";
import { extensionOf } from "./descriptors.ts";
import { OPUS_RATE, opusChannels, opusSamples } from "./opus_packet.ts";
import { SoundSamples } from "./sound_samples.ts";

/** descriptor_tag_extension of the Opus descriptor: one byte, channel_config_code. */
const OPUS_EXTENSION = 0x80;
/** No descriptor: the first packet tells mono from stereo. */
const UNSTATED = -1;
/** Codes 1 to 8 are channel counts in Vorbis order; 0 is two languages side by side, beyond is free. */
const MAX_CHANNELS = 8;
/** By channel count from 1: streams, coupled streams and channel mapping (RFC 7845 §5.1.1.2). */
const LAYOUTS: readonly (readonly [number, number, readonly number[]])[] = [
  [1, 0, [0]],
  [1, 1, [0, 1]],
  [2, 1, [0, 2, 1]],
  [2, 2, [0, 1, 2, 3]],
  [3, 2, [0, 4, 1, 2, 3]],
  [4, 2, [0, 4, 1, 2, 3, 5]],
  [4, 3, [0, 4, 1, 2, 3, 5, 6]],
  [5, 3, [0, 6, 1, 2, 3, 4, 5, 7]],
];

/** A control header, read. Reused. */
interface ControlHeader {
  /** Header included. */
  end: number;
  packet: number;
  startTrim: number;
  endTrim: number;
}

class OpusStream implements ElementaryStream {
  readonly #out: ElementaryOutput;
  /** channel_config_code. */
  readonly #code: number;
  readonly #samples: SoundSamples;
  readonly #header: ControlHeader = { end: 0, packet: 0, startTrim: 0, endTrim: 0 };
  #configured = false;
  #refused = false;
  /** Time of the next packet at 90 kHz, for those that have no time stamp of their own. */
  #next: number | undefined;

  constructor(out: ElementaryOutput, code: number) {
    this.#out = out;
    this.#samples = new SoundSamples(out);
    this.#code = code;
  }

  packet(
    payload: Uint8Array,
    pts: number | undefined,
    _dts: number | undefined,
    arrival: Micros,
  ): void {
    if (this.#refused) return;
    if (pts !== undefined) this.#next = pts;
    for (let at = 0; at < payload.length;) {
      if (!readControlHeader(payload, at, this.#header)) {
        this.#out.unreadable(); // where the next begins cannot be known
        this.#next = undefined;
        return;
      }
      this.#accessUnit(payload, arrival);
      if (this.#refused) return;
      at = this.#header.end;
    }
  }

  gap(): void {
    this.#next = undefined;
  }

  #accessUnit(payload: Uint8Array, arrival: Micros): void {
    const { packet, end, endTrim } = this.#header;
    const unit = payload.subarray(packet, end);
    const samples = opusSamples(unit);
    const time = this.#next;
    if (samples === 0 || time === undefined) {
      this.#out.unreadable();
      return;
    }
    this.#next = time + (samples * MPEG_TIMESCALE) / OPUS_RATE;
    if (!this.#configured && !this.#configure(unit)) return;
    if (endTrim >= samples) return; // nothing of it is to be heard
    this.#samples.emit(unit, { time, duration: samples - endTrim, arrival });
  }

  #configure(unit: Uint8Array): boolean {
    const channels = this.#code === UNSTATED ? opusChannels(unit) : this.#code;
    if (channels < 1 || channels > MAX_CHANNELS) {
      this.#refused = true;
      this.#out.refused(
        `The sound is Opus with a channel arrangement of its own (channel_config_code ${channels}), which browsers ` +
          "cannot play; set the encoder to mono, stereo or surround.",
      );
      return false;
    }
    this.#configured = true;
    this.#out.config(opusTrack(channels, this.#header.startTrim));
    return true;
  }
}

/** Reads the control header at `at`; `false` where none stands whole, or its access unit is cut off. */
function readControlHeader(b: Uint8Array, at: number, into: ControlHeader): boolean {
  const flags = b[at + 1] ?? 0;
  if (b[at] !== 0x7f || (flags & 0xe0) !== 0xe0) return false; // control_header_prefix, 11 bits
  let next = at + 2;
  let bytes = 0;
  for (let byte = 0xff; byte === 0xff; bytes += byte) { // au_size
    if (next >= b.length) return false;
    byte = b[next++] ?? 0;
  }
  into.startTrim = 0;
  into.endTrim = 0;
  if (flags & 0x10) {
    into.startTrim = trim(b, next);
    next += 2;
  }
  if (flags & 0x08) {
    into.endTrim = trim(b, next);
    next += 2;
  }
  if (flags & 0x04) next += 1 + (b[next] ?? 0); // control_extension
  into.packet = next;
  into.end = next + bytes;
  return bytes > 0 && into.end <= b.length;
}

/** Samples at 48 kHz, 13 bits. */
function trim(b: Uint8Array, at: number): number {
  return (((b[at] ?? 0) & 0x1f) << 8) | (b[at + 1] ?? 0);
}

/**
 * The track of a stream of Opus packets.
 * @param channels 1 to {@link MAX_CHANNELS}, in Vorbis order.
 * @param preSkip samples at 48 kHz that a decoder makes and nobody is to hear.
 */
export function opusTrack(channels: number, preSkip = 0): TrackConfig {
  return {
    kind: "audio",
    codec: "opus",
    timescale: OPUS_RATE,
    sampleEntry: "Opus",
    config: { type: "dOps", bytes: writeDops(channels, preSkip) },
    sampleRate: OPUS_RATE,
    channels,
  };
}

/** OpusSpecificBox; `preSkip` in samples at 48 kHz. */
function writeDops(channels: number, preSkip: number): Bytes {
  const [streams, coupled, mapping] = LAYOUTS[channels - 1] ?? [1, 0, [0]];
  const isSurround = channels > 2;
  return new Uint8Array([
    0, // Version
    channels, // OutputChannelCount
    preSkip >> 8, // PreSkip
    preSkip & 0xff,
    0, // InputSampleRate
    0,
    OPUS_RATE >> 8,
    OPUS_RATE & 0xff,
    0, // OutputGain
    0,
    isSurround ? 1 : 0, // ChannelMappingFamily
    ...(isSurround ? [streams, coupled, ...mapping] : []),
  ]);
}

/** stream_type 0x06 with the registration `Opus`. */
export const opus = {
  name: "Opus",
  kind: "audio",
  open(out, descriptors): OpusStream {
    const code = descriptors && extensionOf(descriptors, OPUS_EXTENSION)?.[0];
    return new OpusStream(out, code ?? UNSTATED);
  },
} as const satisfies Codec;
