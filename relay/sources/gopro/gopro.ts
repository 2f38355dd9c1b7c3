/**
 * `gopro` · `gopro://[USER:PASSWORD@]HOST[:HTTP_PORT][?udp=8554[:8554]&dialect=auto|open|gpcontrol|hero3&
 * mode=auto|preview|webcam&resolution=240|480|720|1080&bitrate=N&mac=…&cohn=FILE&pair[=PIN]]`: a GoPro of any generation, over
 * its own Wi-Fi, USB or the home's network. Reads the text; the conversation is the session's.
 *
 * `udp` is the port this machine listens on, and after a colon the one the camera takes keep-alives on;
 * cameras know 8554 alone, the rest is for stand-ins on one machine. `cohn` names the certificate (PEM) that a
 * camera on the home's network was given when it was set up, and goes with its name and password.
 * @module
 */

import { resolve } from "node:path";
import { withoutCredentials, withoutLogin } from "../../../shared/credentials.ts";
import { choose, parsePort, splitSource } from "../options.ts";
import { type Scheme, type Source, SourceError, type SourceSpec } from "../source.ts";
import type { Secure } from "./camera_http.ts";
import { DIALECT_NAMES, DIALECTS } from "./dialects.ts";
import { PAIR_PORT, PIN } from "./pairing.ts";
import { Session, type SessionOptions } from "./session.ts";
import { SESSION_TIMINGS, type SessionTimings } from "./timings.ts";
import { parseMac, WAKE_PORT } from "./wake.ts";

/** What {@link openGoPro} needs to know. */
export interface GoProSpec extends SourceSpec, Omit<SessionOptions, "secure"> {
  /** A camera on the home's network: its certificate is read when the source runs. */
  readonly cohn?: { readonly user: string; readonly password: string; readonly path: string };
}

/** A camera's address on its own Wi-Fi. */
const DEFAULT_HOST = "10.5.5.9";
const DEFAULT_UDP_PORT = "8554";
const HTTPS_PORT = 443;
/** Bits a second; cameras list 250 000 to 4 000 000 and take more. */
const MIN_BITRATE = 100_000;
const MAX_BITRATE = 20_000_000;
const OPTIONS = ["udp", "dialect", "mode", "resolution", "bitrate", "mac", "cohn", "pair"];

function parse(text: string, folder = ""): GoProSpec {
  const { body, options } = splitSource(text, OPTIONS);
  const place = /^\/\/(?:([^@/]*)@)?([a-z0-9.-]+)(?::([0-9]+))?\/?$/i.exec(body);
  const label = withoutCredentials(text);
  if (body !== "" && place === null) {
    throw new SourceError(`cannot read "${withoutLogin(text)}": write gopro or gopro://HOST`);
  }
  const [, credentials, host = DEFAULT_HOST, httpPort] = place ?? [];
  const [udp = DEFAULT_UDP_PORT, cameraUdp = DEFAULT_UDP_PORT, more] =
    options.get("udp")?.split(":") ?? [];
  if (more !== undefined) throw new SourceError(`${label}: udp is PORT or PORT:CAMERA_PORT`);
  const dialect = choose(label, {
    key: "dialect",
    value: options.get("dialect"),
    choices: ["auto", ...DIALECT_NAMES],
  });
  const mode = choose(label, {
    key: "mode",
    value: options.get("mode"),
    choices: ["auto", "preview", "webcam"],
  });
  const resolution = options.get("resolution");
  const bitrate = options.get("bitrate");
  const mac = parseMac(options.get("mac"));
  if (options.has("mac") && mac === undefined) {
    throw new SourceError(`${label}: mac is six bytes as 0A:1B:2C:3D:4E:5F`);
  }
  const pin = options.get("pair");
  if (pin && !PIN.test(pin)) {
    throw new SourceError(
      `${label}: pair is the 4 to 6 digits that the camera shows, or stands alone where it shows none`,
    );
  }
  const cohnFile = options.get("cohn");
  const cohn = readCohn(label, credentials, cohnFile && resolve(folder, cohnFile));
  const udpPort = parsePort(label, udp, "udp");
  const cameraUdpPort = parsePort(label, cameraUdp, "udp's camera port");
  const given = httpPort === undefined
    ? cohn === undefined ? undefined : HTTPS_PORT
    : parsePort(label, httpPort, "the camera's port");
  const ports = new Set(
    given === undefined ? Object.values(DIALECTS).map(({ port }) => port) : [given],
  );
  return {
    scheme: "gopro",
    label,
    finite: false,
    namesFile: cohn !== undefined,
    permissions: {
      net: [
        `0.0.0.0:${udpPort}`,
        ...[...ports, cameraUdpPort, WAKE_PORT].map((port) => `${host}:${port}`),
        ...(pin === undefined ? [] : [`${host}:${PAIR_PORT}`]),
      ],
      ...(cohn === undefined ? {} : { read: [cohn.path] }),
    },
    host,
    ...(given === undefined ? {} : { httpPort: given }),
    udpPort,
    cameraUdpPort,
    wakePort: WAKE_PORT,
    pairPort: PAIR_PORT,
    ...(pin === undefined ? {} : { pin }),
    ...(mac === undefined ? {} : { mac }),
    ...(cohn === undefined ? {} : { cohn }),
    dialects: dialect === "auto" ? DIALECT_NAMES : [dialect],
    preview: {
      mode,
      udpPort,
      host,
      ...(resolution === undefined ? {} : {
        resolution: Number(choose(label, {
          key: "resolution",
          value: resolution,
          choices: ["240", "480", "720", "1080"],
        })),
      }),
      ...(bitrate === undefined ? {} : { bitrate: parseBitrate(label, bitrate) }),
    },
  };
}

/** Name, password and certificate go together. */
function readCohn(
  label: string,
  credentials: string | undefined,
  file: string | undefined, // absolute
): GoProSpec["cohn"] {
  if (credentials === undefined && file === undefined) return undefined;
  const colon = credentials?.indexOf(":") ?? -1;
  if (credentials === undefined || colon < 1 || !file) {
    throw new SourceError(
      `${label}: a camera on the home's network is gopro://USER:PASSWORD@HOST?cohn=CERTIFICATE_FILE, ` +
        "all three as the camera was given them",
    );
  }
  try {
    return {
      user: decodeURIComponent(credentials.slice(0, colon)),
      password: decodeURIComponent(credentials.slice(colon + 1)),
      path: file,
    };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new SourceError(`${label}: a % in the name or the password is written %25`);
  }
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

async function secureOf({ cohn }: GoProSpec): Promise<Secure | undefined> {
  if (cohn === undefined) return undefined;
  const { user, password, path } = cohn;
  try {
    return { user, password, authority: await Deno.readTextFile(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError(`cannot read the camera's certificate ${path}: ${reason}`, {
      cause: error,
    });
  }
}

/** Opens a camera; nothing is asked of it until it runs. */
export function openGoPro(spec: GoProSpec, timings: SessionTimings = SESSION_TIMINGS): Source {
  let session: Session | undefined;
  return {
    format: "mpegts",
    run: async (out, signal) => {
      const secure = await secureOf(spec);
      session = new Session({ ...spec, ...(secure === undefined ? {} : { secure }) }, {
        out,
        timings,
      });
      await session.run(signal);
    },
    frozen: () => session?.frozen(),
    command: async (command) => {
      if (session === undefined) {
        throw new SourceError(`the GoPro at ${spec.host} is not connected yet`);
      }
      await session.command(command);
    },
  };
}

/** The row of the scheme table. */
export const gopro: Scheme<GoProSpec> = { byApi: true, parse, open: (spec) => openGoPro(spec) };
