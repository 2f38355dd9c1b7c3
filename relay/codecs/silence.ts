/**
 * One sound sample in which nothing is to be heard, to stand where a stream's sound is missing. AAC-LC and Opus; knows
 * nothing of where it is put.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { AudioTrack } from "../../shared/media.ts";

/** Object type 2 of ISO/IEC 14496-3 Table 1.17. */
const AAC_LC = "mp4a.40.2";
const AAC_SAMPLES = 1024;

/** id_syn_ele, 3 bits (14496-3 Table 4.85). */
const SCE = 0;
const CPE = 1;
const LFE = 3;
const END = 7;
/** Table 1.19: what is in a raw data block, by channels. */
const AAC_ELEMENTS: Readonly<Record<number, readonly number[]>> = {
  1: [SCE],
  2: [CPE],
  3: [SCE, CPE],
  4: [SCE, CPE, SCE],
  5: [SCE, CPE, CPE],
  6: [SCE, CPE, CPE, LFE],
  8: [SCE, CPE, CPE, CPE, LFE],
};
/** element_instance_tag; numbered within its kind. */
const TAG_BITS = 4;
/**
 * individual_channel_stream without a coefficient: global_gain (8); ics_info: reserved, one long window, its shape,
 * max_sfb 0, no prediction (1 + 2 + 1 + 6 + 1); no pulses, no TNS, no gain control (1 + 1 + 1). All zero.
 */
const SILENT_CHANNEL = "0".repeat(8 + 11 + 3);

/** RFC 6716 Table 2: CELT, full band; the lowest two bits of the configuration are the frame size. */
const OPUS_CELT = 28;
const OPUS_FRAMES: readonly number[] = [120, 240, 480, 960];
const LONGEST_OPUS_FRAME = 960;
/** 120 ms (§3.2.5). */
const MAX_OPUS_FRAMES = 6;
/** Frames of one size, their number in the next byte. */
const OPUS_CODE_3 = 3;

/**
 * A sample of silence for a decoder that is set up for this track, or `undefined` where there is none.
 * @param duration in the track's timescale.
 */
export function silence(track: AudioTrack, duration: number): Bytes | undefined {
  if (track.codec === AAC_LC) {
    return duration === AAC_SAMPLES ? silentRawDataBlock(track.channels) : undefined;
  }
  return track.codec === "opus" ? silentOpusPacket(track.channels, duration) : undefined;
}

/** raw_data_block(), 14496-3 Table 4.3. */
function silentRawDataBlock(channels: number): Bytes | undefined {
  const elements = AAC_ELEMENTS[channels];
  if (!elements) return undefined;
  const count = new Map<number, number>();
  let bits = "";
  for (const element of elements) {
    const tag = count.get(element) ?? 0;
    count.set(element, tag + 1);
    bits += binary(element, 3) + binary(tag, TAG_BITS);
    bits += element === CPE ? `0${SILENT_CHANNEL}${SILENT_CHANNEL}` : SILENT_CHANNEL; // 0: no common_window
  }
  bits += binary(END, 3);
  return Uint8Array.from(
    { length: Math.ceil(bits.length / 8) },
    (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, "0"), 2),
  );
}

function binary(value: number, bits: number): string {
  return value.toString(2).padStart(bits, "0");
}

/** Empty frames: what a sender has chosen not to send (§2.1.9), which a decoder conceals. Mono and stereo only. */
function silentOpusPacket(channels: number, duration: number): Bytes | undefined {
  if (channels > 2) return undefined;
  const stereo = channels === 2 ? 4 : 0;
  const size = OPUS_FRAMES.indexOf(duration);
  if (size >= 0) return new Uint8Array([((OPUS_CELT + size) << 3) | stereo]);
  const frames = duration / LONGEST_OPUS_FRAME;
  if (!Number.isInteger(frames) || frames < 1 || frames > MAX_OPUS_FRAMES) return undefined;
  const longest = OPUS_CELT + OPUS_FRAMES.length - 1;
  return new Uint8Array([(longest << 3) | stereo | OPUS_CODE_3, frames]);
}
