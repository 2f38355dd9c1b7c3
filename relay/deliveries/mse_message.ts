/**
 * The messages of go2rtc's WebSocket as text, and which of its clients plays what (RFC 6381 codecs). Pure.
 *
 * @module
 */

import { IN_AAC } from "../../shared/stream_name.ts";

/** Either side's. */
export interface MseMessage {
  readonly type: string;
  readonly value: string;
}

/** Codecs whose sample entries differ in where the parameter sets are, not in what decodes them. */
const SAME: Readonly<Record<string, string>> = { avc3: "avc1", hev1: "hvc1" };

/** Bits a second; required, and of no use where there is one variant. */
const STATED_BANDWIDTH = 5_000_000;

/** Reads a client's message; `undefined` when it is none. */
export function readMseMessage(text: string): MseMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
    const value = "value" in message ? message.value : "";
    if (typeof message.type !== "string") return undefined;
    return { type: message.type, value: typeof value === "string" ? value : "" };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether a client that plays `codecs` (`avc1.640029,mp4a.40.2`; nothing: it does not say) plays any of `mime`. By
 * kind of codec: a client names one profile and level for all that it plays.
 */
export function plays(codecs: string, mime: string): boolean {
  const wanted = kindsOf(codecs);
  return wanted.size === 0 || !wanted.isDisjointFrom(kindsOfMime(mime));
}

/** Whether the sound is Opus and the client, which says what it plays, does not say that. */
export function needsAac(codecs: string, mime: string): boolean {
  const wanted = kindsOf(codecs);
  return wanted.size > 0 && !wanted.has("opus") && kindsOfMime(mime).has("opus");
}

/**
 * The playlist that a client without Media Source Extensions is handed as text (RFC 8216 §4.3.4.2). Such a client puts
 * the address it came by before the first `hls/` and plays the whole as a data URL, so the one variant is named by the
 * alias below that address. Phones ask for it, which play no Opus in a playlist.
 * @param mime of the stream, where it is known.
 */
export function hlsMessage(name: string, mime = ""): MseMessage {
  const inAac = kindsOfMime(mime).has("opus") && !name.endsWith(IN_AAC);
  const played = inAac ? mime.replace(/\bopus\b/i, "mp4a.40.2") : mime;
  const codecs = /codecs="[^"]*"/.exec(played)?.[0].replace("codecs", "CODECS");
  const attributes = [`BANDWIDTH=${STATED_BANDWIDTH}`, ...(codecs ? [codecs] : [])];
  const lines = ["#EXTM3U", `#EXT-X-STREAM-INF:${attributes.join(",")}`];
  return {
    type: "hls",
    value: [...lines, `hls/playlist.m3u8?src=${name}${inAac ? IN_AAC : ""}`, ""].join("\n"),
  };
}

function kindsOfMime(mime: string): Set<string> {
  return kindsOf(/codecs="([^"]*)"/.exec(mime)?.[1] ?? "");
}

function kindsOf(codecs: string): Set<string> {
  const kinds = codecs.split(",").map((codec) => codec.trim().split(".")[0]?.toLowerCase() ?? "");
  return new Set(kinds.filter((kind) => kind !== "").map((kind) => SAME[kind] ?? kind));
}
