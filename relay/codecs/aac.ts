/**
 * AAC in ADTS (ISO/IEC 13818-7 §6.2, ISO/IEC 14496-3 §1.A.2.2) to raw frames and an `esds` box payload
 * (ISO/IEC 14496-14 §5.6). Frames may be split over packets; several may share a time stamp.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { AudioTrack } from "../../shared/media.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { Codec, ElementaryOutput, ElementaryStream } from "./codec.ts";
import { SoundSamples } from "./sound_samples.ts";

/** Table 1.18 of 14496-3. */
const SAMPLE_RATES: readonly number[] = [
  96000,
  88200,
  64000,
  48000,
  44100,
  32000,
  24000,
  22050,
  16000,
  12000,
  11025,
  8000,
  7350,
];
/** Table 1.19: channel_configuration 1 to 7. */
const CHANNELS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8];
/** PCM samples in a frame of one raw data block. */
const SAMPLES_PER_FRAME = 1024;
const HEADER_BYTES = 7;
const CRC_BYTES = 2;
/** A split frame (aac_frame_length has 13 bits) and the packet that brings its end. */
const MAX_HELD_BYTES = 128 * 1024;
/** No set-up yet. */
const NONE = -1;

/** What an ADTS header says. */
export interface AdtsHeader {
  readonly objectType: number;
  readonly rateIndex: number;
  readonly channelConfiguration: number;
  readonly headerBytes: number;
  /** Header included. */
  readonly frameBytes: number;
  readonly blocks: number;
}

/** adts_fixed_header and adts_variable_header; `undefined` when none stands at `at`. */
export function readAdtsHeader(b: Uint8Array, at: number): AdtsHeader | undefined {
  if (b[at] !== 0xff || ((b[at + 1] ?? 0) & 0xf6) !== 0xf0) return undefined; // syncword, layer 0
  const b1 = b[at + 1] ?? 0;
  const b2 = b[at + 2] ?? 0;
  const b3 = b[at + 3] ?? 0;
  const rateIndex = (b2 >> 2) & 0x0f;
  const headerBytes = b1 & 1 ? HEADER_BYTES : HEADER_BYTES + CRC_BYTES;
  const frameBytes = ((b3 & 0x03) << 11) | ((b[at + 4] ?? 0) << 3) | ((b[at + 5] ?? 0) >> 5);
  if (rateIndex >= SAMPLE_RATES.length || frameBytes <= headerBytes) return undefined;
  return {
    objectType: (b2 >> 6) + 1,
    rateIndex,
    channelConfiguration: ((b2 & 1) << 2) | (b3 >> 6),
    headerBytes,
    frameBytes,
    blocks: ((b[at + 6] ?? 0) & 3) + 1,
  };
}

/** How long a frame lasts, 90 kHz. */
export function adtsDuration({ blocks, rateIndex }: AdtsHeader): number {
  return (blocks * SAMPLES_PER_FRAME * MPEG_TIMESCALE) / (SAMPLE_RATES[rateIndex] ?? 1);
}

/** What a decoder is set up with, in one number. */
function signatureOf({ objectType, rateIndex, channelConfiguration }: AdtsHeader): number {
  return (objectType << 8) | (rateIndex << 4) | channelConfiguration;
}

class AacStream implements ElementaryStream {
  readonly #out: ElementaryOutput;
  readonly #held = new Growable(4096, MAX_HELD_BYTES);
  readonly #samples: SoundSamples;
  /** Of {@link signatureOf}. */
  #signature = NONE;
  /** Another set-up that one frame has had: two in a row are believed, one is a damaged header. */
  #candidate = NONE;
  #sampleRate = 0;
  #refused = false;
  /** Time of the next frame at 90 kHz, for frames that have no time stamp of their own. */
  #next: number | undefined;
  #heldArrival = 0 as Micros;

  constructor(out: ElementaryOutput) {
    this.#out = out;
    this.#samples = new SoundSamples(out);
  }

  packet(
    payload: Uint8Array,
    pts: number | undefined,
    _dts: number | undefined,
    arrival: Micros,
  ): void {
    let bytes = payload;
    // A time stamp belongs to the first frame that begins in the packet (§2.4.3.7): not to one held over.
    let stampFrom = 0;
    if (this.#held.length > 0 && this.#beginsFrame(payload)) {
      this.#held.clear(); // its length was a lie: it would swallow what follows
      this.#out.unreadable();
    }
    if (this.#held.length > 0) {
      stampFrom = this.#held.length;
      if (this.#held.append(payload, 0, payload.length)) {
        bytes = this.#held.view();
      } else {
        this.#held.clear();
        this.#out.unreadable();
        stampFrom = 0;
      }
    }
    const used = this.#frames(bytes, { stampFrom, pts, arrival });
    this.#keep(bytes, used, arrival);
  }

  gap(): void {
    this.#held.clear();
    this.#next = undefined;
  }

  /** Whether a frame of the set-up in force begins here; by chance once in millions of packets. */
  #beginsFrame(payload: Uint8Array): boolean {
    const header = readAdtsHeader(payload, 0);
    return header !== undefined && signatureOf(header) === this.#signature;
  }

  /** Takes the whole frames; returns where that ended. */
  #frames(
    bytes: Uint8Array,
    packet: { stampFrom: number; pts: number | undefined; arrival: Micros },
  ): number {
    let at = 0;
    let stamp = packet.pts;
    let lost = false;
    while (at + HEADER_BYTES <= bytes.length) {
      const header = readAdtsHeader(bytes, at);
      if (!header) {
        if (!lost) this.#out.unreadable();
        lost = true;
        at++;
        continue;
      }
      const end = at + header.frameBytes;
      if (lost && !this.#plausible(bytes, at, end)) {
        at++;
        continue;
      }
      if (end > bytes.length) break;
      lost = false;
      if (at >= packet.stampFrom && stamp !== undefined) {
        this.#next = stamp;
        stamp = undefined;
      }
      this.#frame(bytes, at, {
        header,
        arrival: at < packet.stampFrom ? this.#heldArrival : packet.arrival,
      });
      at = end;
    }
    // The frame that the time stamp belongs to may begin here and end in a later packet.
    const begins = !lost && at >= packet.stampFrom && at < bytes.length;
    if (begins && stamp !== undefined) this.#next = stamp;
    return at;
  }

  /** After noise a header is believed only when another follows it. */
  #plausible(bytes: Uint8Array, at: number, end: number): boolean {
    return end + 2 > bytes.length
      ? end <= bytes.length
      : bytes[end] === bytes[at] && bytes[end + 1] === bytes[at + 1];
  }

  #frame(bytes: Uint8Array, at: number, frame: { header: AdtsHeader; arrival: Micros }): void {
    const { header } = frame;
    const signature = signatureOf(header);
    if (signature !== this.#signature && this.#believes(signature)) {
      this.#configure(header, signature);
    }
    if (this.#refused) return;
    const time = this.#next;
    if (time !== undefined) {
      this.#next = time +
        (header.blocks * SAMPLES_PER_FRAME * MPEG_TIMESCALE) / this.#sampleRate;
    }
    if (time === undefined || header.blocks !== 1 || signature !== this.#signature) {
      this.#out.unreadable(); // no time stamp yet, or several raw data blocks that share one length
      return;
    }
    this.#candidate = NONE;
    const raw = bytes.subarray(at + header.headerBytes, at + header.frameBytes);
    const { arrival } = frame;
    this.#samples.emit(raw, { time, duration: SAMPLES_PER_FRAME, arrival });
  }

  #believes(signature: number): boolean {
    if (this.#signature === NONE || signature === this.#candidate) return true;
    this.#candidate = signature;
    return false;
  }

  #configure(header: AdtsHeader, signature: number): void {
    this.#signature = signature;
    this.#sampleRate = SAMPLE_RATES[header.rateIndex] ?? 0;
    this.#refused = (CHANNELS[header.channelConfiguration] ?? 0) === 0;
    if (this.#refused) {
      this.#out.refused(
        "The sound is AAC whose channels are described inside the frames (channel configuration 0), which " +
          "browsers cannot play; set the encoder to mono or stereo.",
      );
      return;
    }
    this.#out.config(aacTrack(header));
  }

  #keep(bytes: Uint8Array, used: number, arrival: Micros): void {
    if (used > 0 || this.#held.length === 0) this.#heldArrival = arrival;
    if (this.#held.length > 0) {
      this.#held.consume(used);
    } else if (used < bytes.length && !this.#held.append(bytes, used, bytes.length)) {
      this.#out.unreadable();
    }
  }
}

/** What an ADTS header says of how a decoder is set up. */
export type AacSetUp = Pick<AdtsHeader, "objectType" | "rateIndex" | "channelConfiguration">;

/** The track of a stream of raw AAC frames. */
export function aacTrack(setUp: AacSetUp): Omit<AudioTrack, "id"> {
  const sampleRate = SAMPLE_RATES[setUp.rateIndex] ?? 0;
  return {
    kind: "audio",
    codec: `mp4a.40.${setUp.objectType}`,
    timescale: sampleRate,
    sampleEntry: "mp4a",
    config: { type: "esds", bytes: writeEsds(setUp) },
    sampleRate,
    channels: CHANNELS[setUp.channelConfiguration] ?? 0,
  };
}

/** ES_Descriptor, 14496-1 §7.2.6.5, around an AudioSpecificConfig of two bytes (14496-3 §1.6.2.1). */
function writeEsds({ objectType, rateIndex, channelConfiguration }: AacSetUp): Bytes {
  const config = (objectType << 11) | (rateIndex << 7) | (channelConfiguration << 3);
  return new Uint8Array([
    0, // version
    0, // flags
    0,
    0,
    0x03, // ES_DescrTag
    25,
    0, // ES_ID, 0 in MP4 (14496-14 §3.1.2)
    0,
    0, // no dependence, URL or OCR
    0x04, // DecoderConfigDescrTag
    17,
    0x40, // objectTypeIndication: Audio ISO/IEC 14496-3
    0x15, // streamType 5 (audio), upStream 0, reserved 1
    0, // bufferSizeDB
    0,
    0,
    0, // maxBitrate
    0,
    0,
    0,
    0, // avgBitrate: unknown
    0,
    0,
    0,
    0x05, // DecSpecificInfoTag
    2,
    config >> 8,
    config & 0xff,
    0x06, // SLConfigDescrTag
    1,
    0x02, // predefined: MP4
  ]);
}

/** stream_type 0x0f. */
export const aac = {
  name: "AAC",
  kind: "audio",
  open: (out) => new AacStream(out),
} as const satisfies Codec;
