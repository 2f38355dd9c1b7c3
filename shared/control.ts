/**
 * Control messages between relay and player: JSON text beside the binary media, and the close codes.
 * Contract §5. Validates what it reads; carries no media.
 *
 * @module
 */

/** A track as the `stream` message describes it. */
export interface TrackDescription {
  readonly id: number;
  readonly kind: "video" | "audio";
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly sampleRate?: number;
  readonly channels?: number;
}

/** Stands before each init segment. */
export interface StreamMessage {
  readonly type: "stream";
  readonly generation: number;
  readonly mime: string;
  readonly tracks: readonly TrackDescription[];
  /** `errorUs`: how far the origin clock may be off, µs. */
  readonly clock: { readonly errorUs: number };
}

/** Media was left out for this viewer; what follows begins at a key frame. */
export interface SkipMessage {
  readonly type: "skip";
  readonly reason: "slow";
  readonly fragments: number;
  /** Milliseconds of media skipped. */
  readonly ms: number;
}

/** The stream exists but does not run; `reason` is a sentence for the user. */
export interface OfflineMessage {
  readonly type: "offline";
  readonly reason: string;
}

/** Answer to a ping: `t` is the origin clock, µs since the Unix epoch. */
export interface PongMessage {
  readonly type: "pong";
  readonly id: number | string;
  readonly t: number;
}

/** What the relay says. */
export type ServerMessage = StreamMessage | SkipMessage | OfflineMessage | PongMessage;

/** What a viewer says. */
export interface PingMessage {
  readonly type: "ping";
  readonly id: number | string;
}

/** What is sent arrives late, behind more that waits on the way: said again and again while it lasts, and once when it is over. */
export interface LateMessage {
  readonly type: "late";
  /** Milliseconds later than the promptest of late; 0 when it is over. */
  readonly ms: number;
  /** Bytes of binary messages that have come by this connection so far. */
  readonly bytes: number;
}
export type ClientMessage = PingMessage | LateMessage;

/** WebSocket close codes, after accept. */
export const CLOSE = {
  noKey: 4401,
  notAllowed: 4403,
  noSuchStream: 4404,
  taken: 4409,
  tooMany: 4429,
  /** RFC 6455 §7.4.1: the relay stops. */
  goingAway: 1001,
  /** RFC 6455 §7.4.1: policy; here a viewer that has taken nothing for too long. */
  policy: 1008,
} as const;

/** Longest text message either side reads; a longer one is ignored. */
export const MAX_CONTROL_CHARS = 16_384;

type Fields = Record<string, unknown>;

function parseObject(text: string): Fields | undefined {
  if (text.length > MAX_CONTROL_CHARS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Fields
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // contract §5: what is not understood is ignored
    throw error;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isId(value: unknown): value is number | string {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

function parseTrack(value: unknown): TrackDescription | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, kind, codec, width, height, sampleRate, channels } = value as Fields;
  if (!isCount(id) || typeof codec !== "string") return undefined;
  if (kind !== "video" && kind !== "audio") return undefined;
  return {
    id,
    kind,
    codec,
    ...(isCount(width) ? { width } : {}),
    ...(isCount(height) ? { height } : {}),
    ...(isCount(sampleRate) ? { sampleRate } : {}),
    ...(isCount(channels) ? { channels } : {}),
  };
}

/** Reads a relay's message; `undefined` for anything unknown or malformed. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const fields = parseObject(text);
  switch (fields?.type) {
    case "stream": {
      const { generation, mime, tracks, clock } = fields;
      if (!isCount(generation) || typeof mime !== "string" || !Array.isArray(tracks)) {
        return undefined;
      }
      const parsed = tracks.map(parseTrack);
      if (parsed.some((track) => track === undefined)) return undefined;
      const errorUs = (clock as Fields | undefined)?.errorUs;
      return {
        type: "stream",
        generation,
        mime,
        tracks: parsed.filter((track) => track !== undefined),
        clock: { errorUs: isCount(errorUs) ? errorUs : 0 },
      };
    }
    case "skip": {
      const { fragments, ms } = fields;
      if (!isCount(fragments) || !isCount(ms)) return undefined;
      return { type: "skip", reason: "slow", fragments, ms };
    }
    case "offline":
      return typeof fields.reason === "string"
        ? { type: "offline", reason: fields.reason }
        : undefined;
    case "pong":
      return isId(fields.id) && isCount(fields.t)
        ? { type: "pong", id: fields.id, t: fields.t }
        : undefined;
    default:
      return undefined;
  }
}

/** Reads a viewer's message; `undefined` for anything unknown or malformed. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const fields = parseObject(text);
  switch (fields?.type) {
    case "ping":
      return isId(fields.id) ? { type: "ping", id: fields.id } : undefined;
    case "late": {
      const { ms, bytes } = fields;
      return isCount(ms) && isCount(bytes) ? { type: "late", ms, bytes } : undefined;
    }
    default:
      return undefined;
  }
}

/** Writes either side's message. */
export function encodeMessage(message: ServerMessage | ClientMessage): string {
  return JSON.stringify(message);
}
