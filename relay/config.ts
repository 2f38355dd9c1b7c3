/**
 * What the relay is told, from the command line and the environment: one parse, typed, with defaults. Contract
 * §2. Touches nothing: reading the file system or listening comes later.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { COMPAT_KEYS, VW_API_KEY } from "./compat/keys.ts";
import type { CompatSpec } from "./compat/system.ts";
import type { ListenAddress } from "./http/listener.ts";
import { readDestinations } from "./config_destinations.ts";
import type { Destination } from "./forwarding/destination.ts";
import type { ProxySettings } from "./forwarding/proxy.ts";
import type { ConfigFile } from "./config_file/read.ts";
import { type ConfiguredStream, readStreams } from "./config_streams.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./log.ts";
import { type IceServer, readIceServer } from "./publish/whip/ice_servers.ts";
import { UsageError } from "./usage_error.ts";

export { UsageError };

/** Everything the relay needs to know. */
export interface Config {
  /** Plain HTTP; `undefined` when switched off. */
  readonly listen: ListenAddress | undefined;
  readonly listenTls: ListenAddress;
  /** Nobody asked for that address: one that is taken is no reason not to start. */
  readonly listenTlsIsDefault: boolean;
  readonly tls: TlsChoice;
  /** Absolute path of the folder for keys, recordings and state. */
  readonly data: string;
  /** How the outside reaches us, if said. */
  readonly url: URL | undefined;
  /** What needs no key. Until keys exist, watching needs none, and nobody may do what stands in none of these. */
  readonly open: "view" | "publish" | "all" | undefined;
  /** Where the file says that watching needs a key, which nothing can be given yet. */
  readonly keyAskedAt: string | undefined;
  /** The one UDP port of WebRTC; 0 for any that is free. */
  readonly webrtcPort: number;
  /** STUN and TURN servers that publishers by WebRTC are told of. */
  readonly iceServers: readonly IceServer[];
  readonly log: LogLevel;
  readonly logFormat: LogFormat;
  readonly streams: readonly ConfiguredStream[];
  /** Where other systems' clients come to. */
  readonly compat: CompatSpec;
  /** Where vw's JSON verbs come from; may hold secrets. */
  readonly vwApi: string | undefined;
  readonly destinations: readonly Destination[];
  /** What stands between this machine and the outside. */
  readonly proxies: ProxySettings;
  /** The configuration file, if there is one, and the variables that stand in it. */
  readonly file:
    | { readonly name: string; readonly path: string; readonly variables: readonly string[] }
    | undefined;
}

/** Where the TLS port has its certificate from. */
export type TlsChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "off" }
  | { readonly kind: "files"; readonly certificate: string; readonly key: string };

/** What the command line asks for. */
export type Request =
  | { kind: "run"; config: Config }
  | { kind: "list"; json: boolean }
  | { kind: "help" }
  | { kind: "version" };

/** Beside the plain port, on its host, where none is named. */
const DEFAULT_TLS_PORT = 8443;
/** Read when it is there and none is named. */
const DEFAULT_FILE = "rill.yaml";

const OPTIONS = {
  config: { type: "string", short: "c" },
  listen: { type: "string" },
  "listen-tls": { type: "string" },
  tls: { type: "string" },
  data: { type: "string" },
  url: { type: "string" },
  open: { type: "string" },
  "webrtc-port": { type: "string" },
  "ice-servers": { type: "string" },
  log: { type: "string" },
  "log-format": { type: "string" },
  forward: { type: "string", multiple: true },
  list: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Options with one value. */
type SingleOption = Exclude<keyof typeof OPTIONS, "help" | "version" | "list" | "json" | "forward">;

/** Text of `--help`. */
export const USAGE = `Rill puts any camera on any browser.

deno task relay [options] [NAME=]SOURCE …

Sources
  demo                            the clip that comes with Rill (the default)
  gopro  gopro://HOST             a GoPro of any generation, HERO2 to HERO13
  udp://[HOST]:PORT               MPEG-TS in datagrams
  file:PATH[?loop&pace=fast]      MPEG-TS, H.264, H.265, MP4 or AAC, as if live
  v4l2:/dev/video0[?size=WxH&fps=N&audio=alsa:plughw:1,0]
                                  a camera of Linux's, with its microphone
  exec:COMMAND                    a program that writes one of those to its standard output
  rtsp://HOST/PATH                an IP camera, through ffmpeg
  http://HOST/live/NAME           another Rill's camera, or any of those formats over HTTP(S), WS(S)
  rtp:SDP_FILE                    RTP that a session description tells of, through ffmpeg
  rpicam[:N]                      a Raspberry Pi's camera
  push                            waits for a publisher at /publish/NAME

Options
  -c, --config FILE      YAML: cameras and settings, read again when it changes (./rill.yaml, if there)
  --listen HOST:PORT     plain HTTP and WebSocket, or none (0.0.0.0:8000)
  --listen-tls HOST:PORT HTTPS, HTTP/2 and wss, or none    (port 8443)
  --tls auto             a certificate of the relay's own; /trust walks devices through trusting it
  --tls CERT,KEY         PEM files, read again when they change
  --tls off              no HTTPS
  --url URL              how the outside reaches this relay
  --data DIR             keys, recordings and state        (~/.local/state/rill)
  --open publish|all     what needs no key: watching never does; all: changes too
  --webrtc-port N        the one UDP port of WebRTC (WHIP)  (any that is free)
  --ice-servers URI,…    STUN and TURN that publishers by WebRTC are told of: turn:USER:PASSWORD@HOST
  --forward [NAME=]URL   carries a stream on, to ws, wss, http or https; may be repeated
  --log LEVEL            error, warn, info or debug      (info)
  --log-format FORMAT    text or json                    (text)
  --list [--json]        the cameras and microphones of this machine, and what to write for them
  -h, --help             this text
  --version              the version
Every option has a twin in the environment: RILL_LISTEN, RILL_URL, …
`;

/**
 * Which configuration file is meant.
 * @returns `asked`: somebody named it, so that it must be there. `undefined` where a text is all that is wanted.
 * @throws {UsageError} with a sentence.
 */
export function configFileOf(
  args: readonly string[],
  env: (name: string) => string | undefined,
): { readonly name: string; readonly asked: boolean } | undefined {
  const { values } = parse(args);
  if (values.help || values.version || values.list) return undefined;
  const name = values.config ?? (env("RILL_CONFIG") || undefined);
  return { name: name ?? DEFAULT_FILE, asked: name !== undefined };
}

/**
 * Reads the command line.
 * @param env looks a variable up in the environment.
 * @param file what the configuration file says: what the command line or the environment says too is theirs.
 * @throws {UsageError} with a sentence.
 */
export function readCommandLine(
  args: readonly string[],
  env: (name: string) => string | undefined,
  file?: ConfigFile,
): Request {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  if (values.list) return { kind: "list", json: values.json === true };
  if (values.json) throw new UsageError("--json says how --list prints: write --list --json");
  const option = (name: SingleOption): Setting | undefined => {
    const text = values[name];
    if (text !== undefined) return { key: `--${name}`, text };
    const key = `RILL_${name.toUpperCase().replaceAll("-", "_")}`;
    const twin = env(key);
    return twin ? { key, text: twin } : file?.settings[name]; // an empty variable says nothing
  };
  const listenTls = option("listen-tls");
  const noTls = listenTls?.text === "none";
  const listen = readListen(option("listen") ?? { key: "--listen", text: "0.0.0.0:8000" });
  const streams = readStreams({
    file: file?.streams ?? [],
    command: positionals.length > 0 || file ? positionals : ["demo"],
  });
  const config: Config = {
    listen,
    // Who keeps the plain port to one address means the relay, not that port alone.
    listenTls: listenTls !== undefined && !noTls
      ? readAddress(listenTls)
      : { hostname: listen?.hostname ?? "0.0.0.0", port: DEFAULT_TLS_PORT },
    listenTlsIsDefault: listenTls === undefined,
    tls: noTls ? { kind: "off" } : readTls(option("tls")),
    data: resolve(option("data")?.text ?? defaultData(env)),
    url: readUrl(option("url")),
    open: readChoice(option("open"), ["view", "publish", "all"]),
    keyAskedAt: file?.settings["view"]?.text === "key" ? file.settings["view"].key : undefined,
    webrtcPort: readPort(option("webrtc-port")),
    iceServers: readIceServers(option("ice-servers")),
    log: readChoice(option("log"), LOG_LEVELS) ?? "info",
    logFormat: readChoice(option("log-format"), LOG_FORMATS) ?? "text",
    streams,
    compat: readCompat(file),
    vwApi: readVwApi(file),
    destinations: readDestinations({
      file: file?.destinations ?? [],
      command: values.forward ?? env("RILL_FORWARD")?.split(/\s+/).filter(Boolean) ?? [],
      first: streams[0]?.name,
    }),
    proxies: {
      https: env("HTTPS_PROXY") || env("https_proxy"),
      http: env("http_proxy"), // as curl has it: the other spelling may come from a request's header
      none: env("NO_PROXY") || env("no_proxy"),
    },
    file: file && { name: file.name, path: file.path, variables: file.variables },
  };
  if (config.listen === undefined && config.tls.kind === "off") {
    throw new UsageError(
      "without HTTP (--listen none) and HTTPS (--listen-tls none, --tls off) no port is left to listen on",
    );
  }
  return { kind: "run", config };
}

function parse(args: readonly string[]): {
  values: Partial<Record<SingleOption, string>> & {
    forward?: string[];
    help?: boolean;
    list?: boolean;
    json?: boolean;
    version?: boolean;
  };
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof TypeError) {
      const [first = error.message] = error.message.split(/\.\s|\n/);
      throw new UsageError(`${first[0]?.toLowerCase()}${first.slice(1)}; --help lists the options`);
    }
    throw error;
  }
}

/** What is set, and where: an option or its twin. */
interface Setting {
  readonly key: string;
  readonly text: string;
}

function readListen(setting: Setting): ListenAddress | undefined {
  return setting.text === "none" ? undefined : readAddress(setting);
}

/** Written in the file alone: what asks for no key is opened by whoever may write there. */
function readCompat(file: ConfigFile | undefined): CompatSpec {
  return Object.fromEntries(COMPAT_KEYS.flatMap((key) => {
    const setting = file?.settings[`compat.${key}`];
    return setting ? [[key, readAddress(setting)]] : [];
  }));
}

function readVwApi(file: ConfigFile | undefined): string | undefined {
  const setting = file?.settings[`compat.${VW_API_KEY}`];
  if (!setting) return undefined;
  const { key, text } = setting;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
    throw new UsageError(`${key}: expected an address that begins with ws:// or wss://`);
  }
  if (!file.settings["compat.vw"]) {
    throw new UsageError(`${key}: this needs vw's listener: add vw: 127.0.0.1:8888 beside it`);
  }
  return text;
}

function readTls(setting: Setting | undefined): TlsChoice {
  const text = setting?.text ?? "auto";
  if (text === "auto" || text === "off") return { kind: text };
  const [certificate = "", key = "", ...rest] = text.split(",");
  if (certificate === "" || key === "" || rest.length > 0) {
    throw new UsageError(
      `${setting?.key} ${text}: expected auto, off, or CERT,KEY: the paths of two PEM files`,
    );
  }
  return { kind: "files", certificate: resolve(certificate), key: resolve(key) };
}

/** Where a user's programs keep their state: XDG Base Directory Specification. */
function defaultData(env: (name: string) => string | undefined): string {
  const state = env("XDG_STATE_HOME");
  if (state) return join(state, "rill");
  const home = env("HOME") || env("USERPROFILE");
  return home ? join(home, ".local", "state", "rill") : "rill-state"; // a service without a home
}

function readAddress({ key, text }: Setting): ListenAddress {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new UsageError(
      `${key} ${text}: expected HOST:PORT, for example 0.0.0.0:8000 or [::]:8000`,
    );
  }
  return { hostname: match[1] ?? (match[2] || "0.0.0.0"), port };
}

function readPort(setting: Setting | undefined): number {
  if (setting === undefined) return 0;
  const { key, text } = setting;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new UsageError(`${key} ${text}: expected a port's number, 1 to 65535`);
  }
  return port;
}

function readIceServers(setting: Setting | undefined): readonly IceServer[] {
  return (setting?.text ?? "").split(",").filter((text) => text !== "").map((text) => {
    const server = readIceServer(text);
    // What was written may have a password in it.
    if (!server) {
      throw new UsageError(
        `${setting?.key}: expected stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT, several with commas between`,
      );
    }
    return server;
  });
}

function readUrl(setting: Setting | undefined): URL | undefined {
  if (setting === undefined) return undefined;
  const { key, text } = setting;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new UsageError(
      `${key} ${text}: expected an address that begins with http:// or https://`,
    );
  }
  return url;
}

function readChoice<Choice extends string>(
  setting: Setting | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (setting === undefined) return undefined;
  const { key, text } = setting;
  const choice = choices.find((known) => known === text);
  if (choice === undefined) {
    throw new UsageError(`${key} ${text}: expected one of ${choices.join(", ")}`);
  }
  return choice;
}
