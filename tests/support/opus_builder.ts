/**
 * Opus in a transport stream written from a description: packets that hold no sound, only a table of contents and
 * bytes that tell them apart, behind control headers.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";

/** A packet: 20 ms of CELT, stereo, if `toc` is not given. */
export function opusPacket(seed: number, { toc = 0xfc, bytes = 40 } = {}): Bytes {
  return Uint8Array.from({ length: bytes }, (_, i) => i === 0 ? toc : (seed * 53 + i * 7) % 251);
}

/** What a control header says beside the length. */
export interface ControlDescription {
  readonly startTrim?: number;
  readonly endTrim?: number;
  /** Bytes of control_extension. */
  readonly extension?: number;
  /** A length that lies. */
  readonly stated?: number;
}

/** An access unit: control header and packet. */
export function opusUnit(packet: Uint8Array, control: ControlDescription = {}): Bytes {
  const { startTrim, endTrim, extension, stated = packet.length } = control;
  const head = [
    0x7f,
    0xe0 | (startTrim === undefined ? 0 : 0x10) | (endTrim === undefined ? 0 : 0x08) |
    (extension === undefined ? 0 : 0x04),
  ];
  let left = stated;
  for (; left >= 255; left -= 255) head.push(255);
  head.push(left);
  for (const trim of [startTrim, endTrim]) {
    if (trim !== undefined) head.push(trim >> 8, trim & 0xff);
  }
  if (extension !== undefined) head.push(extension, ...new Array<number>(extension).fill(0xee));
  return concatBytes([new Uint8Array(head), packet]);
}

/** Descriptors of an Opus stream; without a code there is no Opus descriptor. */
export function opusDescriptors(code?: number): number[] {
  const registration = [0x05, 4, ...new TextEncoder().encode("Opus")];
  return code === undefined ? registration : [...registration, 0x7f, 2, 0x80, code];
}
