/**
 * How a stream travels over WebTransport (contract §5): the same control messages and MP4 bytes as over a WebSocket,
 * spread over QUIC streams so that what is newest need not wait for what is late.
 *
 * The viewer opens **one bidirectional stream**, the control stream. Both directions are a row of frames, integers
 * big-endian:
 *
 * ```text
 * u8 kind · u32 length · length bytes
 * kind 0  hello     viewer → relay  nothing: a stream is not seen by the other side before something is sent on it
 * kind 1  message   either way      JSON as in control.ts, UTF-8
 * kind 2  init      relay → viewer  an init segment; the `stream` message before it says of which generation
 * kind 3  receipt   viewer → relay  u32 ordinal · u32 bytes
 * kind 4  given up  relay → viewer  u32 ordinal
 * kind 5  farewell  relay → viewer  u16 close code · reason, UTF-8; as the body of a WebSocket's close frame
 * ```
 *
 * The relay opens **a unidirectional stream per group**, the newest with the highest priority once it is older than
 * {@link OVERTAKE_MS}:
 *
 * ```text
 * u32 generation · u32 ordinal · [prft] moof mdat · [prft] moof mdat · …
 * ```
 *
 * `ordinal` counts the group streams of the session from 0. All media of one generation, in the order of ordinals,
 * behind its init segment, are a playable file: byte for byte what a WebSocket carries. A viewer passes them on in
 * that order, holds a group until the init segment of its generation is there, and may give up a group that is late
 * when a newer one waits. A receipt says how many media bytes of a group have been taken, or {@link GROUP_DONE}: all
 * of them, or as many as are wanted. From receipts the relay knows a viewer's backlog, because what a QUIC
 * implementation has accepted says nothing of what has arrived. Where a viewer is late the relay gives up what it owes:
 * a viewer that has media of that ordinal waits for no group before it.
 *
 * Unknown kinds are passed over. Before the relay ends a session it says a farewell, with a close code of control.ts: a
 * browser passes on no code of a QUIC connection that was closed, so it could not be told from a network that broke. The
 * viewer closes the session then; after {@link FAREWELL_MS} the relay does, with the same code.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";

/** What a frame of the control stream holds. */
export const FRAME = {
  hello: 0,
  message: 1,
  init: 2,
  receipt: 3,
  givenUp: 4,
  farewell: 5,
} as const;

/** Bytes before a frame's body. */
export const FRAME_HEADER_BYTES = 5;
/** A longer frame is a broken peer; an init segment is a few kilobytes. */
export const MAX_FRAME_BYTES = 1 << 20;
/** Bytes before a group stream's media. */
export const GROUP_HEADER_BYTES = 8;
/**
 * A viewer that has begun to get a newer group waits so long for the rest of an older one, ms: a lost packet comes again
 * after about one round trip, and what is later than this would be late on the screen too. For as long the relay sends
 * both alike.
 */
export const OVERTAKE_MS = 200;
/** So long a viewer has, from a farewell on, to close the session itself, ms. */
export const FAREWELL_MS = 1_000;
/** In a receipt: nothing more of that group is outstanding. */
export const GROUP_DONE = 0xffff_ffff;

/** What stands before a group's media. */
export interface GroupHeader {
  readonly generation: number;
  /** Counts the group streams of the session from 0. */
  readonly ordinal: number;
}

/** How far a viewer has got with a group. */
export interface Receipt {
  readonly ordinal: number;
  /** Media bytes taken so far, or {@link GROUP_DONE}. */
  readonly bytes: number;
}

/** Writes a frame of the control stream. */
export function encodeFrame(kind: number, body: Uint8Array): Bytes {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, body.length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** Writes a receipt, as a frame. */
export function encodeReceipt({ ordinal, bytes }: Receipt): Bytes {
  return encodeFrame(FRAME.receipt, twoNumbers(ordinal, bytes));
}

/** Reads a receipt's body; `undefined` when it is none. */
export function readReceipt(body: Uint8Array): Receipt | undefined {
  if (body.length !== 8) return undefined;
  const [ordinal, bytes] = readTwoNumbers(body);
  return { ordinal, bytes };
}

/** Writes which groups are given up, as a frame: those before `ordinal`. */
export function encodeGivenUp(ordinal: number): Bytes {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, ordinal);
  return encodeFrame(FRAME.givenUp, body);
}

/** Reads its body; `undefined` when it is none. */
export function readGivenUp(body: Uint8Array): number | undefined {
  if (body.length !== 4) return undefined;
  return new DataView(body.buffer, body.byteOffset).getUint32(0);
}

/** Why a session ends. */
export interface Farewell {
  /** Of control.ts. */
  readonly code: number;
  readonly reason: string;
}

/** Writes a farewell, as a frame. */
export function encodeFarewell({ code, reason }: Farewell): Bytes {
  const words = new TextEncoder().encode(reason);
  const body = new Uint8Array(2 + words.length);
  new DataView(body.buffer).setUint16(0, code);
  body.set(words, 2);
  return encodeFrame(FRAME.farewell, body);
}

/** Reads its body; `undefined` when it is none. */
export function readFarewell(body: Uint8Array): Farewell | undefined {
  if (body.length < 2) return undefined;
  const code = new DataView(body.buffer, body.byteOffset).getUint16(0);
  return { code, reason: new TextDecoder().decode(body.subarray(2)) };
}

/** Writes what stands before a group's media. */
export function encodeGroupHeader({ generation, ordinal }: GroupHeader): Bytes {
  return twoNumbers(generation, ordinal);
}

/** Reads what stands before a group's media, from at least {@link GROUP_HEADER_BYTES}. */
export function readGroupHeader(bytes: Uint8Array): GroupHeader {
  const [generation, ordinal] = readTwoNumbers(bytes);
  return { generation, ordinal };
}

function twoNumbers(first: number, second: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first);
  view.setUint32(4, second);
  return bytes;
}

function readTwoNumbers(bytes: Uint8Array): [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(0), view.getUint32(4)];
}

/** The peer broke the framing; `message` is a sentence. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Puts the frames of a control stream together from chunks cut anywhere. */
export class FrameReader {
  #held: Bytes = new Uint8Array(0);

  /**
   * Takes a chunk and calls `out` for each frame that it completes.
   * @throws {FrameError} when a frame says that it is longer than {@link MAX_FRAME_BYTES}.
   */
  push(chunk: Uint8Array, out: (kind: number, body: Bytes) => void): void {
    const bytes = new Uint8Array(this.#held.length + chunk.length);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (at + FRAME_HEADER_BYTES <= bytes.length) {
      const length = view.getUint32(at + 1);
      if (length > MAX_FRAME_BYTES) {
        throw new FrameError(`a control frame of ${length} bytes is longer than any may be`);
      }
      const end = at + FRAME_HEADER_BYTES + length;
      if (end > bytes.length) break;
      out(view.getUint8(at), bytes.slice(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    this.#held = bytes.slice(at);
  }
}
