/**
 * What clients of Live Stream Server say: JSON texts, told apart and checked. Pure.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Bytes } from "../../../shared/bytes.ts";

/** One message. */
export type Message =
  /** A greeting; `id` is the client's own word for itself. */
  | { readonly kind: "connect"; readonly id: string }
  | { readonly kind: "picture"; readonly jpeg: Bytes }
  /** Video that is no JPEG: a piece of a file, if it is anything. */
  | { readonly kind: "piece"; readonly bytes: Bytes }
  /** 44.1 kHz, 16 bits, little-endian, one channel; cut anywhere. */
  | { readonly kind: "sound"; readonly pcm: Bytes }
  /** The recording is complete; the connection stays. */
  | { readonly kind: "close" }
  /** A wish to be played the server's song. */
  | { readonly kind: "playback" }
  /** Nothing that can be used; `problem` is a sentence without its full stop. */
  | { readonly kind: "useless"; readonly problem: string };

/** Of words of a client's that are repeated in the log. */
const MAX_QUOTED_CHARS = 60;
/** What a browser puts in front of the base64 of a picture. */
const DATA_URL = /^data:[^,]{0,100};base64,/;

/** Reads one message. Never throws. */
export function readMessage(text: string): Message {
  const said = parse(text);
  if (said === undefined) return useless("a message is no JSON object");
  switch (said.eventType) {
    case "CONNECT":
      return { kind: "connect", id: quotable(said.id) };
    case "STREAM":
      return readMedia(said);
    case "CLOSE":
      return { kind: "close" };
    case "REQUEST_AUDIO_STREAM_PLAYBACK":
      return { kind: "playback" };
    default:
      return useless(`there is no eventType "${quotable(said.eventType)}"`);
  }
}

function readMedia({ mediaSourceType, encodedMediaChunk }: Record<string, unknown>): Message {
  if (typeof encodedMediaChunk !== "string" || encodedMediaChunk === "") {
    return useless("a STREAM message has no encodedMediaChunk");
  }
  const base64 = encodedMediaChunk.replace(DATA_URL, "");
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  if (bytes.length === 0) return useless("an encodedMediaChunk is no base64");
  switch (mediaSourceType) {
    case "VIDEO":
      return isJpeg(bytes) ? { kind: "picture", jpeg: bytes } : { kind: "piece", bytes };
    case "AUDIO":
      return { kind: "sound", pcm: bytes };
    default:
      return useless(`there is no mediaSourceType "${quotable(mediaSourceType)}"`);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Starts with SOI and another marker, ISO/IEC 10918-1 §B.1.1.3. */
function isJpeg(bytes: Bytes): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function quotable(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, MAX_QUOTED_CHARS);
}

function useless(problem: string): Message {
  return { kind: "useless", problem };
}
