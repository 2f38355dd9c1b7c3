/**
 * What an RTP session carries: which payload type is which codec, at which clock (RFC 8866's `rtpmap` and `fmtp`, as far
 * as a reader needs them). Goes before the packets as JSON.
 *
 * @module
 */

import { decodeBase64 } from "./base64.ts";

/** Codecs that are read out of RTP. */
export const RTP_CODECS = ["h264", "h265", "opus"] as const;

/** One of {@link RTP_CODECS}. */
export type RtpCodec = (typeof RTP_CODECS)[number];

/** A payload type. */
export interface RtpTrack {
  readonly payloadType: number;
  readonly codec: RtpCodec;
  /** Time stamps a second. */
  readonly clockRate: number;
  /** Parameter sets from the description, base64: `sprop-parameter-sets`. */
  readonly sets?: readonly string[];
}

/** A session. */
export interface RtpTable {
  readonly tracks: readonly RtpTrack[];
  /** Whoever sends the packets on has put them in order already, and waited for those that were missing. */
  readonly ordered?: boolean;
}

/** Payload types in one session; more is no camera's doing. */
const MAX_TRACKS = 32;
/** Of one track. */
const MAX_SETS = 16;
const MAX_SET_CHARACTERS = 8192;
const MAX_CLOCK_RATE = 1_000_000;

/** A table as the bytes that go before the packets. */
export function encodeTable(table: RtpTable): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(table));
}

/** Reads it; `undefined` where it is none. */
export function decodeTable(bytes: Uint8Array): RtpTable | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  if (!isRecord(value) || !Array.isArray(value["tracks"])) return undefined;
  const tracks: readonly unknown[] = value["tracks"];
  if (tracks.length === 0 || tracks.length > MAX_TRACKS || !tracks.every(isTrack)) return undefined;
  return { tracks, ordered: value["ordered"] === true };
}

/** The parameter sets of a track, as NAL units; one that is no base64 is left out. */
export function parameterSets({ sets = [] }: RtpTrack): Uint8Array[] {
  return sets.map(decodeBase64).filter((unit) => unit !== undefined);
}

function isTrack(value: unknown): value is RtpTrack {
  if (!isRecord(value)) return false;
  const { payloadType, codec, clockRate, sets = [] } = value;
  return isWithin(payloadType, 0, 127) && isWithin(clockRate, 1, MAX_CLOCK_RATE) &&
    (RTP_CODECS as readonly unknown[]).includes(codec) &&
    Array.isArray(sets) && sets.length <= MAX_SETS &&
    sets.every((set) => typeof set === "string" && set.length <= MAX_SET_CHARACTERS);
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
