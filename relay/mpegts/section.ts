/**
 * PSI sections, ISO/IEC 13818-1 §2.4.4: assembled from packet payloads and checked by their CRC-32
 * (Annex A). Knows nothing of what a section says.
 *
 * @module
 */

import { Growable } from "../bytes/growable.ts";
import { PACKET_BYTES, payloadOffset, unitStart } from "./packet.ts";

/** section_length is at most 1021 for PAT and PMT (§2.4.4.5), 4093 for private sections. */
export const MAX_SECTION_BYTES = 4096;
const HEADER_BYTES = 3;
const CRC_BYTES = 4;

const crcTable = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let crc = i << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  crcTable[i] = crc >>> 0;
}

/** CRC-32 of Annex A; 0 over a whole section, its CRC included, that is intact. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = ((crc << 8) ^ (crcTable[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  }
  return crc;
}

/** Where whole sections go. */
export interface SectionOutput {
  /** An intact section, header included, CRC left out; lent. */
  section(bytes: Uint8Array): void;
  /** A section was damaged and thrown away. */
  damaged(): void;
}

/** Assembles the sections of one PID. */
export class SectionAssembler {
  readonly #buffer = new Growable(0, MAX_SECTION_BYTES);
  readonly #out: SectionOutput;
  #open = false;

  constructor(out: SectionOutput) {
    this.#out = out;
  }

  /** One transport packet with payload, at `bytes[packetStart, packetStart + 188)`. */
  push(bytes: Uint8Array, packetStart: number): void {
    const start = packetStart + payloadOffset(bytes, packetStart);
    const end = packetStart + PACKET_BYTES;
    if (!unitStart(bytes, packetStart)) {
      this.#append(bytes, start, end);
      return;
    }
    const first = start + 1 + (bytes[start] ?? 0); // pointer_field
    if (first > end) {
      this.#reset(true);
      return;
    }
    this.#append(bytes, start + 1, first);
    if (this.#open) this.#reset(true); // what should have ended at the pointer did not
    let at = first;
    while (at < end && bytes[at] !== 0xff) { // 0xff is stuffing after the last section
      this.#open = true;
      const before = at;
      at = this.#append(bytes, at, end);
      if (at === before) return;
    }
  }

  /** Packets are missing: a section in flight is lost. */
  gap(): void {
    this.#reset(this.#open && this.#buffer.length > 0);
  }

  /** Appends until the section in flight is whole; returns the first offset not used. */
  #append(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#open || start >= end) return start;
    const held = this.#buffer.length;
    const headerEnd = Math.min(end, start + Math.max(0, HEADER_BYTES - held));
    if (headerEnd > start) this.#buffer.append(bytes, start, headerEnd);
    if (this.#buffer.length < HEADER_BYTES) return end;
    const header = this.#buffer.view();
    const total = HEADER_BYTES + ((((header[1] ?? 0) & 0x0f) << 8) | (header[2] ?? 0));
    if (total > MAX_SECTION_BYTES || total < HEADER_BYTES + CRC_BYTES) {
      this.#reset(true);
      return end;
    }
    const stop = Math.min(end, headerEnd + total - this.#buffer.length);
    this.#buffer.append(bytes, headerEnd, stop);
    if (this.#buffer.length === total) {
      const section = this.#buffer.view();
      if (crc32(section) === 0) this.#out.section(section.subarray(0, total - CRC_BYTES));
      else this.#out.damaged();
      this.#reset(false);
    }
    return stop;
  }

  #reset(damaged: boolean): void {
    if (damaged) this.#out.damaged();
    this.#open = false;
    this.#buffer.clear();
  }
}
