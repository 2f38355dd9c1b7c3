/**
 * `gopro` · `gopro://HOST[:HTTP_PORT][?udp=8554[:8554]&dialect=auto|…&resolution=240|480|720&bitrate=N]`: a
 * GoPro's preview over its own Wi-Fi. Reads the text; the conversation is the session's.
 *
 * `udp` is the port this machine listens on, and after a colon the one the camera takes keep-alives on;
 * cameras know 8554 alone, the rest is for stand-ins on one machine.
 * @module
 */

import { choose, parsePort, splitSource } from "../options.ts";
import { type Scheme, type Source, SourceError, type SourceSpec } from "../source.ts";
import { DIALECT_NAMES } from "./dialects.ts";
import {
  runSession,
  SESSION_TIMINGS,
  type SessionOptions,
  type SessionTimings,
} from "./session.ts";

/** What {@link openGoPro} needs to know. */
export interface GoProSpec extends SourceSpec, SessionOptions {}

/** A camera's address on its own Wi-Fi. */
const DEFAULT_HOST = "10.5.5.9";
const DEFAULT_HTTP_PORT = "80";
const DEFAULT_UDP_PORT = "8554";
/** Bits a second; cameras list 250 000 to 4 000 000 and take more. */
const MIN_BITRATE = 100_000;
const MAX_BITRATE = 20_000_000;

function parse(text: string): GoProSpec {
  const known = ["udp", "dialect", "resolution", "bitrate"];
  const { body, options } = splitSource(text, known);
  const place = /^\/\/([a-z0-9.-]+)(?::([0-9]+))?\/?$/i.exec(body);
  if (body !== "" && place === null) {
    throw new SourceError(`cannot read "${text}": write gopro or gopro://HOST`);
  }
  const [, host = DEFAULT_HOST, httpPort = DEFAULT_HTTP_PORT] = place ?? [];
  const [udp = DEFAULT_UDP_PORT, cameraUdp = DEFAULT_UDP_PORT, more] =
    options.get("udp")?.split(":") ?? [];
  if (more !== undefined) throw new SourceError(`${text}: udp is PORT or PORT:CAMERA_PORT`);
  const dialect = choose(text, {
    key: "dialect",
    value: options.get("dialect"),
    choices: ["auto", ...DIALECT_NAMES],
  });
  const resolution = options.get("resolution");
  const bitrate = options.get("bitrate");
  const udpPort = parsePort(text, udp, "udp");
  const cameraUdpPort = parsePort(text, cameraUdp, "udp's camera port");
  const http = parsePort(text, httpPort, "the camera's port");
  return {
    scheme: "gopro",
    label: text,
    finite: false,
    permissions: {
      net: [`0.0.0.0:${udpPort}`, `${host}:${http}`, `${host}:${cameraUdpPort}`],
    },
    host,
    httpPort: http,
    udpPort,
    cameraUdpPort,
    dialects: dialect === "auto" ? DIALECT_NAMES : [dialect],
    preview: {
      ...(resolution === undefined ? {} : {
        resolution: Number(choose(text, {
          key: "resolution",
          value: resolution,
          choices: ["240", "480", "720"],
        })),
      }),
      ...(bitrate === undefined ? {} : { bitrate: parseBitrate(text, bitrate) }),
    },
  };
}

function parseBitrate(text: string, value: string): number {
  const bitrate = /^[0-9]+$/.test(value) ? Number(value) : 0;
  if (bitrate < MIN_BITRATE || bitrate > MAX_BITRATE) {
    throw new SourceError(
      `${text}: bitrate is bits a second from ${MIN_BITRATE} to ${MAX_BITRATE}, not "${value}"`,
    );
  }
  return bitrate;
}

/** Opens a camera; nothing is bound or asked until it runs. */
export function openGoPro(spec: GoProSpec, timings: SessionTimings = SESSION_TIMINGS): Source {
  return {
    format: "mpegts",
    run: (out, signal) => runSession(spec, { out, signal, timings }),
  };
}

/** The row of the scheme table. */
export const gopro: Scheme<GoProSpec> = { parse, open: (spec) => openGoPro(spec) };
