/**
 * What a configuration file may say (contract §3): one schema, which checks the file, and which editors get as JSON
 * Schema. What a value means, a source's text for example, is not checked here.
 *
 * @module
 */

import { z } from "zod";
import { COMPAT_PORTS, type CompatKey, VW_API_KEY } from "../compat/keys.ts";
import { FORMATS } from "../forwarding/destination.ts";
import { KEEP_EXPECTED, MAX_SIZE_EXPECTED, readKeep, readMaxSize } from "../library/plan.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../log.ts";

/** A wrong type is answered with what was expected. */
function text(expected: string, description: string): z.ZodString {
  return z.string({ error: expected }).describe(description);
}

function choice<const Names extends readonly [string, ...string[]]>(
  names: Names,
  description: string,
): z.ZodEnum<{ [Name in Names[number]]: Name }> {
  return z.enum(names, { error: `one of ${names.join(", ")}` }).describe(description);
}

const SOURCE = text(
  "a source in words, for example v4l2:/dev/video0 or push",
  "Where the picture comes from: demo, gopro, udp://…, file:PATH, exec:COMMAND, push, …",
);

/** A number with its unit, which may be left out. */
function amount(
  read: (text: string) => number | undefined,
  error: string,
  description: string,
): z.ZodOptional<z.ZodString> {
  return z.string({ error }).refine((value) => read(value) !== undefined, { error })
    .describe(description).optional();
}

/** A stream that is always recorded. */
const RECORD = z.strictObject({
  mode: choice(["continuous"], "Recorded for as long as the relay runs, a file an hour or less."),
  keep: amount(readKeep, KEEP_EXPECTED, "What is older goes, for example 7d, 12h or 30m."),
  max_size: amount(readMaxSize, MAX_SIZE_EXPECTED, "The oldest go before there is more: 20GB."),
}, { error: "keys below it, for example {mode: continuous, keep: 7d}" });
/** What `record` may say. */
export const RECORD_KEYS = Object.keys(RECORD.shape);

/** A stream in full; a source alone stands for one too. */
const STREAM = z.preprocess(
  (value) => typeof value === "string" ? { source: value } : value,
  z.strictObject({
    source: SOURCE,
    audio: text("alsa:DEVICE, pulse:SOURCE or exec:COMMAND", "The camera's microphone.").optional(),
    controls: z.record(
      z.string(),
      z.union([z.number(), z.boolean(), z.string()], { error: "a number, true, false or a label" }),
      { error: "the camera's controls by name, for example brightness: 140" },
    ).describe("The camera's controls, set when it starts.").optional(),
    on_demand: z.boolean({ error: "true or false" })
      .describe("The camera sleeps while nobody watches or records.").optional(),
    record: RECORD.describe("Recorded always, with what is kept of it.").optional(),
  }, { error: "a source, or keys below it: source: …" }),
);

const TLS = z.union([
  z.enum(["auto", "off"]),
  z.strictObject({ cert: z.string(), key: z.string() }),
], { error: "auto, off, or {cert: FILE, key: FILE}" });

function address(key: CompatKey, whose: string): z.ZodString {
  const port = COMPAT_PORTS[key];
  return text("HOST:PORT", `Where ${whose} come to: HOST:PORT, usually port ${port}.`);
}

const COMPAT_SHAPE = {
  live_stream_server: address("live_stream_server", "Live Stream Server's clients"),
  medooze: address("medooze", "the Medooze streamer demo's pages"),
  gopro_stream: address("gopro_stream", "gopro-stream's gateway and viewers"),
  vw: address("vw", "vw's feeds and clients"),
  go2rtc: address("go2rtc", "go2rtc's clients"),
} satisfies Record<CompatKey, z.ZodString>;

const COMPAT = z.strictObject({
  ...COMPAT_SHAPE,
  [VW_API_KEY]: text(
    "an address such as wss://relay.example.org/bi/unique",
    "Where vw's JSON verbs come from.",
  ),
}, {
  error: "keys below it, for example live_stream_server: 127.0.0.1:8080",
}).partial();

const DESTINATION = z.strictObject({
  stream: text("a stream's name", "The stream that is carried there; the first if not given.")
    .optional(),
  url: text(
    "an address such as wss://relay.example.org/publish/cam",
    "Where to: ws, wss, http, https, or rtp with an IP address and a port.",
  ),
  token: text("a token, best as ${VAR}", "Sent as Authorization: Bearer.").optional(),
  format: choice(FORMATS, "What is sent: fragmented MP4, or MPEG-TS.").optional(),
}, { error: "keys below it: stream, url, token, format" });
/** What a destination may say. */
export const DESTINATION_KEYS = Object.keys(DESTINATION.shape);

const ACCESS_CHOICES = ["key", "open"] as const;

/** What a stream may say. */
export const STREAM_KEYS = ["source", "audio", "controls", "on_demand", "record"];

/** The whole file. */
export const FILE = z.strictObject({
  listen: text("HOST:PORT or none", "Plain HTTP and WebSocket: HOST:PORT, or none."),
  listen_tls: text("HOST:PORT or none", "HTTPS, HTTP/2 and WebTransport: HOST:PORT, or none."),
  tls: TLS.describe("The certificate of the TLS port."),
  url: text("an address such as https://gate.example.org", "How the outside reaches the relay."),
  data: text("a folder", "Folder for keys, recordings and state."),
  access: z.strictObject({
    view: choice(ACCESS_CHOICES, "What watching needs."),
    publish: choice(ACCESS_CHOICES, "What publishing needs."),
  }, { error: "keys below it: view, publish" }).partial().describe("What needs no key."),
  log: choice(LOG_LEVELS, "How much is logged."),
  log_format: choice(LOG_FORMATS, "How it is logged."),
  streams: z.record(z.string(), STREAM, { error: "a name and a source for each stream" })
    .describe("The cameras, by name."),
  destinations: z.record(z.string(), DESTINATION, { error: "an id and a url for each destination" })
    .describe("Where streams are carried to, by id."),
  compat: COMPAT.describe(
    "Other systems' clients, each on a port of its own that asks for no key.",
  ),
}, { error: "keys and values, for example streams: {porch: demo}" }).partial();

/** A file that fits. */
export type FileContent = z.output<typeof FILE>;

/** As editors take it, JSON Schema 2020-12. */
export function jsonSchema(): unknown {
  return z.toJSONSchema(FILE, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== STREAM as unknown) return;
      const { type, properties, required, additionalProperties } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      const full = { type, properties, required, additionalProperties };
      jsonSchema.anyOf = [{ type: "string" }, JSON.parse(JSON.stringify(full))];
    },
  });
}
