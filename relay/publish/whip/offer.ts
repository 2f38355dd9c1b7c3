/**
 * What a WHIP client offers (RFC 8866, RFC 8829): which H.264 and which Opus is taken, or why nothing is, in words. Reads
 * no more of the description than that.
 *
 * @module
 */

import type { RtpTable, RtpTrack } from "../../rtp/table.ts";

/** A browser's offer with every codec it knows is 10 KiB. */
export const MAX_SDP_BYTES = 64 * 1024;
/** A browser's offer has a picture, a sound, and data at most; each of more would be set up, only to be refused. */
const MAX_MEDIA = 16;
/** RFC 3550 §5.1: seven bits. */
const MAX_PAYLOAD_TYPE = 127;

/** One codec of an offer. */
export interface OfferedCodec {
  readonly payloadType: number;
  /** `a=fmtp`, without the payload type. */
  readonly parameters: string;
  /** Of its retransmissions (RFC 4588), where they are offered. */
  readonly retransmission?: number;
}

/** What is taken of an offer. */
export interface AcceptedOffer {
  readonly video?: OfferedCodec;
  readonly audio?: OfferedCodec;
  /** ICE user name fragment. */
  readonly ufrag: string;
}

interface Media {
  readonly kind: string;
  readonly port: string;
  readonly payloadTypes: readonly number[];
  readonly lines: readonly string[];
}

/** Reads an offer; a sentence where it cannot be taken. */
export function readOffer(sdp: string): AcceptedOffer | string {
  const [session = "", ...rest] = sdp.split(/^(?=m=)/m);
  if (!session.startsWith("v=0") || rest.length === 0) {
    return "This is no session description that offers anything: the body of a WHIP request is an SDP offer.";
  }
  if (rest.length > MAX_MEDIA) {
    return `The offer has ${rest.length} media; send one picture and one sound.`;
  }
  const media = rest.map(readMedia).filter((each) => isThere(each) && isSent(each.lines));
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  if (ufrag === undefined || !/^a=ice-pwd:/m.test(sdp) || !/^a=fingerprint:/m.test(sdp)) {
    return "The offer has no a=ice-ufrag, a=ice-pwd or a=fingerprint: it is not WebRTC's.";
  }
  const [video, secondVideo] = media.filter(({ kind }) => kind === "video");
  const [audio, secondAudio] = media.filter(({ kind }) => kind === "audio");
  if (secondVideo || secondAudio) {
    return "The offer has more than one picture or more than one sound; send one of each.";
  }
  const picture = video && chooseH264(video);
  const sound = audio && choose(audio, codecs(audio, /^opus\/48000/i));
  if (video && !picture) return withoutH264(video);
  // All or nothing, RFC 9725 §4.4.3: whoever sends both is not left to find out that half of it is missing.
  if (audio && !sound) {
    return `The offer's sound is ${
      namesOf(audio)
    }; Rill takes Opus: set the encoder to it, or send no sound.`;
  }
  if (!picture && !sound) {
    return "The offer sends no picture and no sound: its media are a=recvonly, a=inactive, or not there.";
  }
  return { ...(picture ? { video: picture } : {}), ...(sound ? { audio: sound } : {}), ufrag };
}

/** The table that goes before the packets of such a session. */
export function tableOf({ video, audio }: AcceptedOffer): RtpTable {
  const tracks: RtpTrack[] = [];
  if (video) {
    const sets = parameter(video.parameters, "sprop-parameter-sets")?.split(",") ?? [];
    const { payloadType } = video;
    tracks.push({ payloadType, codec: "h264", clockRate: 90_000, sets: sets.slice(0, 16) });
  }
  if (audio) tracks.push({ payloadType: audio.payloadType, codec: "opus", clockRate: 48_000 });
  return { tracks, ordered: true };
}

function readMedia(section: string): Media {
  const lines = section.split(/\r?\n/);
  const [kind = "", port = "", , ...formats] = (lines[0] ?? "").slice(2).trim().split(/\s+/);
  const known = formats.map(Number).filter((each) => each >= 0 && each <= MAX_PAYLOAD_TYPE);
  return { kind, port, payloadTypes: [...new Set(known)], lines };
}

/** Port 0 says that there is none, unless it only says that another's port is shared (RFC 8843 §6). */
function isThere({ port, lines }: Media): boolean {
  return port !== "0" || lines.some((line) => /^a=bundle-only\s*$/.test(line));
}

/** Media that say nothing are sent and received. */
function isSent(lines: readonly string[]): boolean {
  return !lines.some((line) => /^a=(recvonly|inactive)\s*$/.test(line));
}

/** Payload types of a codec, in the order they are preferred. */
function codecs({ payloadTypes, lines }: Media, name: RegExp): number[] {
  const known = new Set(
    lines.flatMap((line) => {
      const [, payloadType, codec = ""] = /^a=rtpmap:(\d+) (\S+)/.exec(line) ?? [];
      return payloadType !== undefined && name.test(codec) ? [Number(payloadType)] : [];
    }),
  );
  return payloadTypes.filter((payloadType) => known.has(payloadType));
}

/** Packetisation mode 1, which can split a unit, before mode 0, which cannot; else as the sender prefers. */
function chooseH264(video: Media): OfferedCodec | undefined {
  const offered = codecs(video, /^h264\/90000/i);
  const modes = offered.map((payloadType) =>
    parameter(parametersOf(video, payloadType), "packetization-mode") ?? "0"
  );
  return choose(video, [
    ...offered.filter((_, i) => modes[i] === "1"),
    ...offered.filter((_, i) => modes[i] === "0"),
  ]);
}

function choose(media: Media, [payloadType]: readonly number[]): OfferedCodec | undefined {
  if (payloadType === undefined) return undefined;
  const retransmission = codecs(media, /^rtx\//i).find((other) =>
    parameter(parametersOf(media, other), "apt") === String(payloadType)
  );
  return {
    payloadType,
    parameters: parametersOf(media, payloadType),
    ...(retransmission === undefined ? {} : { retransmission }),
  };
}

function parametersOf({ lines }: Media, payloadType: number): string {
  const prefix = `a=fmtp:${payloadType} `;
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length).trim() ?? "";
}

function parameter(parameters: string, name: string): string | undefined {
  for (const part of parameters.split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Codecs as people call them. */
function namesOf({ lines }: Media): string {
  const names = lines.flatMap((line) => /^a=rtpmap:\d+ ([\w.-]+)\//.exec(line)?.[1] ?? []);
  const own = [...new Set(names)].filter((name) =>
    !/^(rtx|red|ulpfec|flexfec.*|cn|telephone-event)$/i.test(name)
  );
  return own.join(", ") || "nothing by name";
}

function withoutH264(video: Media): string {
  return `The picture is offered as ${
    namesOf(video)
  } and not as H.264, which is what Rill takes over WebRTC. ` +
    "Use Chrome, Edge or Safari (Firefox has H.264 once its OpenH264 plugin is installed), or set the encoder to H.264.";
}
