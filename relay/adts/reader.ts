/**
 * A bare stream of ADTS frames (ISO/IEC 14496-3 §1.A.2.2), with or without an ID3 tag before it: cut into frames and
 * given times. Sound counts for itself: only where none came for a while does the clock of arrival step in.
 *
 * @module
 */

import { type Micros, micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import { aac, adtsDuration, type AdtsHeader, readAdtsHeader } from "../codecs/aac.ts";
import type { ElementaryOutput, ElementaryStream } from "../codecs/codec.ts";

const HEADER_BYTES = 7;
/** aac_frame_length has 13 bits. */
const MAX_FRAME_BYTES = 8191;
const MAX_PIECE_BYTES = 64 * 1024;
const ID3_HEADER_BYTES = 10;
const ID3_FOOTER_FLAG = 0x10;
/** A pause in arrival by more than this is one in the sound, 90 kHz. */
const MAX_BEHIND = MPEG_TIMESCALE / 2;

/** What a reader is opened with. */
export interface AdtsOptions {
  readonly out: ElementaryOutput;
  /** `rate` for a file: times count from 0. */
  readonly clock: "arrival" | "capture" | "rate";
  /** Bytes that belong to no frame. */
  skipped(bytes: number): void;
  /** Sound is missing before the next frame. */
  gap(): void;
}

/** Whether ADTS begins here; `undefined` while the second frame, which proves it, is not there. */
export function looksLikeAdts(head: Uint8Array): boolean | undefined {
  const at = id3Bytes(head);
  if (at === undefined || at + HEADER_BYTES > head.length) {
    return mayBegin(head) ? undefined : false;
  }
  const header = readAdtsHeader(head, at);
  if (!header) return false;
  const next = at + header.frameBytes;
  return next + 1 < head.length ? continues(head, at, next) : undefined;
}

/** Reads one stream. */
export class AdtsReader {
  readonly waiting = false;
  readonly #options: AdtsOptions;
  readonly #stream: ElementaryStream;
  readonly #buffer = new Growable(MAX_FRAME_BYTES, MAX_FRAME_BYTES + MAX_PIECE_BYTES);
  /** Bytes of a tag still to pass over. */
  #tag = 0;
  #began = false;
  /** Frames follow each other: a header is believed without a second one. */
  #inStep = true;
  #next: number | undefined;

  constructor(options: AdtsOptions) {
    this.#options = options;
    this.#stream = aac.open(options.out);
  }

  push(bytes: Uint8Array, arrival: Micros): void {
    for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
      this.#buffer.append(bytes, at, Math.min(at + MAX_PIECE_BYTES, bytes.length));
      this.#frames(arrival, { ended: false });
    }
  }

  endOfFrame(): void {}

  lost(_datagrams: number): void {
    this.#buffer.clear();
    this.#inStep = false;
    this.#options.gap();
    this.#stream.gap();
    this.#next = undefined;
  }

  flush(): void {}

  end(arrival: Micros): void {
    this.#frames(arrival, { ended: true });
    if (this.#buffer.length > 0) this.#options.skipped(this.#buffer.length);
    this.#buffer.clear();
  }

  restart(): void {
    this.end(micros(0));
    this.#stream.gap();
    this.#next = undefined;
    this.#began = false;
    this.#inStep = true;
  }

  #frames(arrival: Micros, { ended }: { readonly ended: boolean }): void {
    const b = this.#buffer.view();
    let at = this.#passTag(b);
    while (at + HEADER_BYTES <= b.length) {
      const header = readAdtsHeader(b, at);
      const end = at + (header?.frameBytes ?? 0);
      if (!header || (!this.#inStep && end + 1 < b.length && !continues(b, at, end))) {
        this.#inStep = false;
        this.#options.skipped(1);
        at++;
        continue;
      }
      if (end > b.length || (!this.#inStep && !ended && end + 1 >= b.length)) break;
      this.#inStep = true;
      this.#frame(b.subarray(at, end), header, arrival);
      at = end;
    }
    this.#buffer.consume(at);
  }

  /** Bytes of the buffer that belong to a tag at the beginning. */
  #passTag(b: Uint8Array): number {
    if (!this.#began) {
      const bytes = id3Bytes(b);
      if (bytes === undefined) return 0;
      this.#began = true;
      this.#tag = bytes;
    }
    const passed = Math.min(this.#tag, b.length);
    this.#tag -= passed;
    return passed;
  }

  #frame(frame: Uint8Array, header: AdtsHeader, arrival: Micros): void {
    const came = this.#options.clock === "rate" ? 0 : (arrival * MPEG_TIMESCALE) / 1e6;
    const next = this.#next;
    const stamp = next === undefined || came - next > MAX_BEHIND ? came : undefined;
    this.#next = (stamp ?? next ?? 0) + adtsDuration(header);
    this.#stream.packet(frame, stamp, stamp, arrival);
  }
}

/** The same fixed header stands at both places, as far as its first two bytes tell. */
function continues(b: Uint8Array, at: number, next: number): boolean {
  return b[next] === b[at] && b[next + 1] === b[at + 1];
}

function mayBegin(head: Uint8Array): boolean {
  return head.length === 0 || head[0] === 0xff || head[0] === 0x49;
}

/** Bytes of the ID3v2 tag at the beginning, 0 where there is none; `undefined` while that cannot be told. */
function id3Bytes(b: Uint8Array): number | undefined {
  const magic = [0x49, 0x44, 0x33]; // "ID3"
  if (magic.some((byte, i) => i < b.length && b[i] !== byte)) return 0;
  if (b.length < ID3_HEADER_BYTES) return undefined;
  let size = 0;
  for (let i = 6; i < ID3_HEADER_BYTES; i++) size = size * 128 + ((b[i] ?? 0) & 0x7f);
  const footer = ((b[5] ?? 0) & ID3_FOOTER_FLAG) !== 0 ? ID3_HEADER_BYTES : 0;
  return ID3_HEADER_BYTES + size + footer;
}
