/**
 * Sample descriptions (ISO/IEC 14496-12:2015 §8.5.2, §12.1.3, §12.2.3): what a decoder must know of a
 * track. The entry's name and its configuration box are the track's data, so no codec is known here:
 * `avc1` with `avcC` is ISO/IEC 14496-15 §5.4.2, `mp4a` with `esds` ISO/IEC 14496-14 §5.6.
 *
 * @module
 */

import type { AudioTrack, Track, VideoTrack } from "../../shared/media.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";

const DOTS_PER_INCH = 72; // the standard's template value
const COLOUR_DEPTH = 0x0018; // likewise: colour, no alpha
const SAMPLE_BITS = 16; // likewise
const FULL_RANGE = 0x80;

/** Sample description, §8.5.2, with the track's one entry. */
export function stsd(w: ByteWriter, track: Track): void {
  w.box("stsd", () => {
    w.u8(0); // version
    w.u24(0); // flags
    w.u32(1); // entry_count
    w.box(track.sampleEntry, () => {
      if (track.kind === "video") visualSampleEntry(w, track);
      else audioSampleEntry(w, track);
    });
  });
}

/** SampleEntry, §8.5.2.2. */
function sampleEntry(w: ByteWriter): void {
  w.zeros(6); // reserved
  w.u16(1); // data_reference_index
}

/** VisualSampleEntry, §12.1.3. */
function visualSampleEntry(w: ByteWriter, track: VideoTrack): void {
  sampleEntry(w);
  w.u16(0); // pre_defined
  w.u16(0); // reserved
  w.zeros(12); // pre_defined
  w.u16(track.width); // width
  w.u16(track.height); // height
  w.fixed16_16(DOTS_PER_INCH); // horizresolution
  w.fixed16_16(DOTS_PER_INCH); // vertresolution
  w.zeros(4); // reserved
  w.u16(1); // frame_count
  w.zeros(32); // compressorname
  w.u16(COLOUR_DEPTH); // depth
  w.i16(-1); // pre_defined
  config(w, track);
  if (track.colour !== undefined) colr(w, track.colour);
  if (track.pixelAspect !== undefined) pasp(w, track.pixelAspect);
}

/** AudioSampleEntry, §12.2.3. */
function audioSampleEntry(w: ByteWriter, track: AudioTrack): void {
  sampleEntry(w);
  w.zeros(8); // reserved
  w.u16(track.channels); // channelcount
  w.u16(SAMPLE_BITS); // samplesize
  w.u16(0); // pre_defined
  w.u16(0); // reserved
  // 16 bits hold no rate above 65 535; the decoder configuration states it then
  w.fixed16_16(track.sampleRate <= 0xffff ? track.sampleRate : 0); // samplerate
  config(w, track);
}

function config(w: ByteWriter, track: Track): void {
  w.box(track.config.type, () => w.bytes(track.config.bytes));
}

/** Colour information, §12.1.5, as code points. */
function colr(w: ByteWriter, colour: NonNullable<VideoTrack["colour"]>): void {
  w.box("colr", () => {
    w.fourcc("nclx"); // colour_type
    w.u16(colour.primaries); // colour_primaries
    w.u16(colour.transfer); // transfer_characteristics
    w.u16(colour.matrix); // matrix_coefficients
    w.u8(colour.fullRange ? FULL_RANGE : 0); // full_range_flag, reserved
  });
}

/** Pixel aspect ratio, §12.1.4. */
function pasp(w: ByteWriter, aspect: NonNullable<VideoTrack["pixelAspect"]>): void {
  w.box("pasp", () => {
    w.u32(aspect.horizontal); // hSpacing
    w.u32(aspect.vertical); // vSpacing
  });
}
