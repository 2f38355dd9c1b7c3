/**
 * The session description (RFC 8866) that a program needs to receive a stream as RTP. Text only.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Track } from "../../shared/media.ts";
import { payloadWriter } from "./payload.ts";

/** What is described. */
export interface SessionDescription {
  readonly name: string;
  /** Counts up with each change (`o=`, §5.2). */
  readonly version: number;
  /** The address that the packets go to. */
  readonly address: string;
  readonly ports: Readonly<Record<Track["kind"], number>>;
  readonly tracks: readonly Track[];
}

/** Writes it. */
export function writeSdp({ name, version, address, ports, tracks }: SessionDescription): string {
  const family = isIP(address) === 6 ? "IP6" : "IP4";
  const lines = [
    "v=0",
    `o=- ${version} ${version} IN ${family} ${address}`,
    `s=${name}`,
    `c=IN ${family} ${address}${isMulticast(address) ? "/1" : ""}`,
    "t=0 0",
  ];
  for (const track of tracks) {
    const writer = payloadWriter(track);
    if (!writer) continue;
    const { payloadType, encoding, parameters } = writer;
    lines.push(
      `m=${track.kind} ${ports[track.kind]} RTP/AVP ${payloadType}`,
      `a=rtpmap:${payloadType} ${encoding}`,
      ...(parameters === "" ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
      "a=sendonly",
    );
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** IPv4's need a time to live (RFC 8866 §5.7); it is the one that sockets have. */
function isMulticast(address: string): boolean {
  const first = Number(address.split(".")[0]);
  return isIP(address) === 4 && first >= 224 && first <= 239;
}
