/**
 * What of an offer the peer connections' package is given, and what is written into its answer. The package is kept from
 * every kind of feedback: its own way of asking for packets again keeps a timer for good after the first loss and loses
 * its place where the numbers wrap, and its reports of when packets came are off by up to 64 ms, so that a sender stays at
 * a crawl. The relay sends those itself, and the answer says so.
 *
 * @module
 */

import type { AcceptedOffer } from "./offer.ts";

const FEEDBACK = /^a=rtcp-fb:.*\r?\n/gm;
/** Feedback that the relay gives, where the publisher wants it. */
const GIVEN = {
  video: ["transport-cc", "nack", "nack pli"],
  audio: ["transport-cc"],
} as const;

/** `a=extmap` of transport-wide sequence numbers. */
export const TRANSPORT_WIDE =
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/** Port 9 stands for one that is told later (RFC 9429 §5.2.1). */
const BUNDLED = /^(m=\w+) 0 ([^]*?^a=bundle-only\r?\n)/m;

/**
 * The offer without feedback; media that only share another's port (RFC 8843 §6) have one, because the package takes port
 * 0 for a refusal.
 */
export function forPackage(sdp: string): string {
  return sdp.replace(FEEDBACK, "").split(/^(?=m=)/m)
    .map((media) => media.replace(BUNDLED, "$1 9 $2")).join("");
}

/** The answer with the feedback that was offered and is given. */
export function withFeedback(
  answer: string,
  { offer, accepted }: { readonly offer: string; readonly accepted: AcceptedOffer },
): string {
  const offered = new Set(offer.match(FEEDBACK)?.map((line) => line.trim()));
  let text = answer.replace(FEEDBACK, "");
  for (const kind of ["video", "audio"] as const) {
    const payloadType = accepted[kind]?.payloadType;
    const lines = GIVEN[kind].map((feedback) => `a=rtcp-fb:${payloadType} ${feedback}`)
      .filter((line) => offered.has(line) || offered.has(line.replace(`:${payloadType} `, ":* ")))
      .map((line) => `${line}\r\n`);
    text = text.replace(
      new RegExp(`^a=rtpmap:${payloadType} .*\\r?\\n`, "m"),
      (line) => line + lines.join(""),
    );
  }
  return text;
}

/** What is sent back, sound and picture, is one stream of the receiver's. */
export function asOneStream(answer: string): string {
  return answer.replace(/^a=msid:\S+/gm, "a=msid:echo");
}

/** Number of a header extension in a description. */
export function extensionNumber(sdp: string, uri: string): number | undefined {
  for (const [, number, name] of sdp.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)) {
    if (name === uri) return Number(number);
  }
  return undefined;
}
