/**
 * `rtp:SDP_FILE`: RTP as a session description tells of it (RFC 8866), through ffmpeg. MPEG-TS in RTP needs no
 * description: that is `udp://`.
 *
 * @module
 */

import { resolve } from "node:path";
import { withoutLogin } from "../../shared/credentials.ts";
import { COPY_PROGRAMS, copyByFfmpeg, HOLD_NOTHING, type Sound, SOUNDS } from "./ffmpeg_copy.ts";
import type { Meaning } from "./explain.ts";
import { choose, splitFragment } from "./options.ts";
import { type Scheme, type Source, SourceError, type SourceSpec } from "./source.ts";

/** What {@link openRtp} needs to know. */
export interface RtpSpec extends SourceSpec {
  /** Of the description, absolute. */
  readonly path: string;
  readonly sound: Sound;
}

function parse(text: string, folder = ""): RtpSpec {
  const { address, options } = splitFragment(text, ["audio"]);
  const body = address.slice("rtp:".length);
  if (body === "" || body.startsWith("//")) {
    throw new SourceError(
      `no file in "${withoutLogin(text)}": write rtp:SDP_FILE, the sender's session description ` +
        "(MPEG-TS in RTP needs none: udp://:PORT)",
    );
  }
  return {
    scheme: "rtp",
    label: text,
    finite: false,
    permissions: { run: COPY_PROGRAMS },
    path: resolve(folder, body),
    sound: choose(text, { key: "audio", value: options.get("audio"), choices: SOUNDS }),
  };
}

/** Opens a session; nothing is listened for until it runs. */
export function openRtp({ path, sound }: RtpSpec): Source {
  // A description may name files and servers: only what RTP needs is opened.
  const only = ["-protocol_whitelist", "file,udp,rtp"];
  const input = ["-fflags", HOLD_NOTHING, ...only, "-f", "sdp", "-i", path];
  return {
    format: "mpegts",
    reliable: true,
    run: (out, signal) =>
      copyByFfmpeg({ input, sound, address: path, place: path, meanings: meaningsFor(path) }, {
        out,
        signal,
      }),
  };
}

function meaningsFor(path: string): readonly Meaning[] {
  return [
    [/No such file or directory/i, `no such file: ${path}`],
    [/Permission denied/i, `permission denied: this user may not read ${path}`],
    [
      /Address already in use|bind failed/i,
      `a port that ${path} names is in use by another program, or by another stream`,
    ],
    [
      /timed out/i,
      `nothing has come to the ports that ${path} names: does the sender send to this machine?`,
    ],
    [
      /non-existing [SP]PS|[SP]PS id out of range/i,
      `the pictures come without their parameter sets, which ${path} does not have either: take the ` +
      "description that the sender itself wrote, with sprop-parameter-sets",
    ],
    [
      /Invalid data found|Protocol .* not on whitelist|does not contain any stream/i,
      `${path} is no session description (SDP) of RTP`,
    ],
  ];
}

/** The row of the scheme table. */
export const rtp: Scheme<RtpSpec> = { parse, open: openRtp };
