/**
 * AAC in RTP, RFC 3640, mode AAC-hbr (§3.3.6): frames behind a list of their sizes, as many as fit; one that does not
 * fit goes in pieces.
 *
 * @module
 */

import type { Track } from "../../shared/media.ts";
import { audioSpecificConfig } from "../../shared/mp4/decoder_config.ts";
import type { Payload, PayloadWriter } from "./payload.ts";

/** AU-headers-length, in bits, stands before all (§3.2.1). */
const LENGTH_BYTES = 2;
/** 13 bits of size, 3 of index. */
const HEADER_BYTES = 2;
const MAX_FRAME_BYTES = 0x1fff;

/** How a track with an `esds` is carried; `undefined` when that is damaged. */
export function aacPayloads(
  track: Track,
  maxBytes: number,
): Omit<PayloadWriter, "payloadType"> | undefined {
  const config = audioSpecificConfig(track.config.bytes);
  if (track.kind !== "audio" || !config || config.length < 2) return undefined;
  const asHex = [...config].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    clockRate: track.sampleRate,
    encoding: `MPEG4-GENERIC/${track.sampleRate}/${track.channels}`,
    parameters:
      `streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=${asHex}`,
    payloads: (samples) => packets(samples, maxBytes),
  };
}

function packets(samples: readonly Uint8Array[], maxBytes: number): Payload[] {
  const done: Payload[] = [];
  let gathered: Uint8Array[] = [];
  let first = 0;
  let bytes = LENGTH_BYTES;
  const close = (next: number): void => {
    if (gathered.length > 0) {
      done.push({ parts: [headers(gathered), ...gathered], marker: true, sample: first });
    }
    gathered = [];
    first = next;
    bytes = LENGTH_BYTES;
  };
  samples.forEach((frame, at) => {
    if (frame.length > MAX_FRAME_BYTES) return close(at + 1); // no size for it: nobody could read it
    if (bytes + HEADER_BYTES + frame.length > maxBytes) close(at);
    if (LENGTH_BYTES + HEADER_BYTES + frame.length > maxBytes) {
      done.push(...inPieces(frame, { sample: at, maxBytes }));
      return close(at + 1);
    }
    gathered.push(frame);
    bytes += HEADER_BYTES + frame.length;
  });
  close(samples.length);
  return done;
}

/** Each with the size of the whole; the marker is on the last (§3.2.3). */
function inPieces(
  frame: Uint8Array,
  { sample, maxBytes }: { readonly sample: number; readonly maxBytes: number },
): Payload[] {
  const room = maxBytes - LENGTH_BYTES - HEADER_BYTES;
  const pieces: Payload[] = [];
  for (let at = 0; at < frame.length; at += room) {
    const parts = [headers([frame]), frame.subarray(at, at + room)];
    pieces.push({ parts, marker: at + room >= frame.length, sample });
  }
  return pieces;
}

function headers(frames: readonly Uint8Array[]): Uint8Array {
  const all = new DataView(new ArrayBuffer(LENGTH_BYTES + HEADER_BYTES * frames.length));
  all.setUint16(0, 16 * frames.length);
  frames.forEach(({ length }, at) => all.setUint16(LENGTH_BYTES + HEADER_BYTES * at, length << 3));
  return new Uint8Array(all.buffer);
}
