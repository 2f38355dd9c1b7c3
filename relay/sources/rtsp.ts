/**
 * `rtsp://HOST[:PORT]/PATH[#transport=tcp|udp&audio=copy|aac|none]` and `rtsps:`: IP cameras (RFC 7826, RFC 2326),
 * through ffmpeg. Options stand behind a `#`, for cameras use the `?` themselves.
 *
 * @module
 */

import { withoutCredentials, withoutLogin } from "../../shared/credentials.ts";
import {
  ANALYZE_MICROS,
  COPY_PROGRAMS,
  copyByFfmpeg,
  type FfmpegInput,
  HOLD_NOTHING,
  type Sound,
  SOUNDS,
} from "./ffmpeg_copy.ts";
import type { Meaning } from "./explain.ts";
import { choose, splitFragment } from "./options.ts";
import { type Scheme, type Source, SourceError, type SourceSpec } from "./source.ts";

const TRANSPORTS = ["tcp", "udp"] as const;
/** A camera that is silent for so long is gone. */
const TIMEOUT_MICROS = 10_000_000;

/** What {@link openRtsp} needs to know. */
export interface RtspSpec extends SourceSpec {
  /** With name and password. */
  readonly url: string;
  /** Where, in words. */
  readonly place: string;
  readonly hasCredentials: boolean;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly sound: Sound;
}

function parse(scheme: "rtsp" | "rtsps"): (text: string) => RtspSpec {
  return (text) => {
    const label = withoutCredentials(text);
    const { address, options } = splitFragment(text, ["transport", "audio"]);
    const url = /^rtsps?:\/\//i.test(address) && URL.canParse(address)
      ? new URL(address)
      : undefined;
    if (!url || url.hostname === "") {
      throw new SourceError(
        `no camera's address in "${withoutLogin(text)}": write ${scheme}://HOST/PATH`,
      );
    }
    return {
      scheme,
      label,
      finite: false,
      permissions: { run: COPY_PROGRAMS },
      url: url.href,
      place: `${scheme}://${url.host}`,
      hasCredentials: url.username !== "" || url.password !== "",
      transport: choose(label, {
        key: "transport",
        value: options.get("transport"),
        choices: TRANSPORTS,
      }),
      sound: choose(label, { key: "audio", value: options.get("audio"), choices: SOUNDS }),
    };
  };
}

/** Opens a camera; nothing is asked of it until it runs. */
export function openRtsp(spec: RtspSpec): Source {
  const { url, sound, place } = spec;
  let isOld = false;
  return {
    format: "mpegts",
    reliable: true,
    run: async (out, signal) => {
      const copy = (told: Told): Promise<void> => {
        const listening: Meaning = [LISTENING, `${place} needs a newer ffmpeg: 5.0, or later`];
        const meanings = [listening, ...meaningsFor(spec)];
        const line = (text: string): void => void (isOld ||= LISTENING.test(text));
        return copyByFfmpeg({ ...told, sound, address: url, place, meanings, line }, {
          out,
          signal,
        });
      };
      if (spec.hasCredentials) return await copy(byScript(spec));
      try {
        if (!isOld) return await copy(byArguments(spec, "timeout"));
      } catch (error) {
        if (!isOld) throw error;
      }
      await copy(byArguments(spec, "stimeout"));
    },
  };
}

/** ffmpeg before 5.0, which takes `timeout` for the wish to be called by the camera, and has another word for it. */
const LISTENING = /Unable to open RTSP for listening/;
type TimeoutOption = "timeout" | "stimeout";

type Told = Pick<FfmpegInput, "input" | "stdin">;

function byArguments({ url, transport }: RtspSpec, timeout: TimeoutOption): Told {
  const options = optionsFor(transport, timeout).flatMap(([name, value]) => [`-${name}`, value]);
  return { input: [...options, "-i", url] };
}

/** By a script of ffmpeg's concat demuxer, from 5.0 on: arguments, with the password, are for every user to read. */
function byScript({ url, transport }: RtspSpec): Told {
  return {
    input: [
      ...["-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,rtp,udp,tcp,tls"],
      ...["-i", "pipe:0"],
    ],
    stdin: [
      "ffconcat version 1.0",
      `file '${url.replaceAll("'", `'\\''`)}'`,
      ...optionsFor(transport, "timeout").map(([name, value]) => `option ${name} ${value}`),
      "",
    ].join("\n"),
  };
}

/** ffmpeg's options of the camera's input. */
function optionsFor(
  transport: RtspSpec["transport"],
  timeout: TimeoutOption,
): readonly (readonly [string, string])[] {
  return [
    ["rtsp_transport", transport],
    [timeout, String(TIMEOUT_MICROS)],
    ["analyzeduration", String(ANALYZE_MICROS)],
    ["fflags", HOLD_NOTHING],
  ];
}

function meaningsFor({ place, hasCredentials, transport }: RtspSpec): readonly Meaning[] {
  const refused = hasCredentials
    ? `${place} does not take this name and password`
    : `${place} wants a name and a password: write rtsp://NAME:PASSWORD@HOST/PATH`;
  return [
    [/401 Unauthorized|authorization failed/i, refused],
    [/403 Forbidden/i, `${place} does not allow this`],
    [/404 (Stream )?Not Found/i, `${place} has no stream at this path: its manual tells which`],
    [
      /Connection refused/i,
      `nothing answers at ${place}: switch RTSP on in the camera, or correct the port`,
    ],
    [
      /No route to host|Network is unreachable|Host is down/i,
      `${place} cannot be reached: is the camera on, and in this network?`,
    ],
    [
      /Failed to resolve|Name or service not known|Temporary failure in name resolution/i,
      `nobody knows a machine of the name in ${place}: correct it, or write the camera's address`,
    ],
    [
      /461|Nonmatching transport|Unsupported transport/i,
      `${place} does not send over ${transport}: try #transport=${
        transport === "tcp" ? "udp" : "tcp"
      }`,
    ],
    [/453|Not Enough Bandwidth/i, `${place} has no bandwidth left: too many watch it already`],
    [/50[0-9] |5XX/i, `${place} answers that it has failed itself: start the camera again`],
    [
      /timed out|Operation now in progress/i,
      `${place} is silent: is the camera on, and does it send over ${transport}?`,
    ],
    [
      /does not contain any stream|matches no streams/i,
      `${place} sends neither picture nor sound that ffmpeg knows`,
    ],
    [/unknown keyword/i, `${place} and its password need a newer ffmpeg: 5.0, or later`],
    [
      /certificate|TLS|SSL/i,
      `no safe connection to ${place} came about: the camera's certificate, or the port, is not right`,
    ],
  ];
}

/** The rows of the scheme table. */
export const rtsp: Scheme<RtspSpec> = { byApi: true, parse: parse("rtsp"), open: openRtsp };
export const rtsps: Scheme<RtspSpec> = { byApi: true, parse: parse("rtsps"), open: openRtsp };
