/**
 * Configurations that are wrong, each in one way, with what must be said of it: the line, the key, the remedy.
 *
 * @module
 */

import { COMPAT_KEYS } from "../../relay/compat/keys.ts";

/** One of them. */
export interface BadConfiguration {
  readonly what: string;
  readonly text: string;
  /** All of the sentence. */
  readonly sentence: string;
}

const NAME_RULE =
  "cannot be a camera's name: it is made of letters, digits and . _ -, with / between its " +
  "parts, and ends in none of Rill's own words, for example ws";
const TOP_KEYS =
  "listen, listen_tls, tls, url, data, access, log, log_format, streams, destinations, compat";

/** At least twenty. */
export const BAD_CONFIGURATIONS: readonly BadConfiguration[] = [
  {
    what: "a tab where YAML has spaces",
    text: "streams:\n\tporch: demo\n",
    sentence: "rill.yaml line 2: this is not YAML: tabs are not allowed as indentation",
  },
  {
    what: "a bracket that is not closed",
    text: "streams:\n  porch: demo\naccess: {view: open\n",
    sentence:
      "rill.yaml line 4: this is not YAML: flow map in block collection must be sufficiently indented and end with a }",
  },
  {
    what: "a key written twice",
    text: "url: http://a.example\nlisten: :8000\nurl: http://b.example\n",
    sentence: "rill.yaml line 3: this is not YAML: map keys must be unique",
  },
  {
    what: "a list where keys belong",
    text: "- demo\n- gopro\n",
    sentence:
      "rill.yaml line 1: expected keys and values, for example streams: {porch: demo}, not a list",
  },
  {
    what: "a key that does not exist",
    text: "listen: :8000\nporch: demo\n",
    sentence: `rill.yaml line 2: there is no key porch; it takes ${TOP_KEYS}`,
  },
  {
    what: "a key misspelt",
    text: "# cameras\nstraems:\n  porch: demo\n",
    sentence:
      `rill.yaml line 2: there is no key straems; did you mean streams? It takes ${TOP_KEYS}`,
  },
  {
    what: "a key of a stream misspelt",
    text: "streams:\n  porch:\n    sorce: demo\n    source: demo\n",
    sentence:
      "rill.yaml line 3: there is no key sorce in streams.porch; did you mean source? It takes source, audio, controls, on_demand, record",
  },
  {
    what: "a stream without a source",
    text: "streams:\n  porch:\n",
    sentence:
      "rill.yaml line 2, streams.porch: expected a source, or keys below it: source: …, not nothing",
  },
  {
    what: "a source that is a number",
    text: "streams:\n  porch: 8554\n",
    sentence:
      "rill.yaml line 2, streams.porch: expected a source, or keys below it: source: …, not the number 8554",
  },
  {
    what: "a source that is a list",
    text: "streams:\n  porch:\n    source: [demo, gopro]\n",
    sentence:
      "rill.yaml line 3, streams.porch.source: expected a source in words, for example v4l2:/dev/video0 or push, not a list",
  },
  {
    what: "a source of no kind",
    text: "streams:\n  yard: demo\n  porch: camera0\n",
    sentence:
      'rill.yaml line 3, streams.porch: unknown source "camera0": it must begin with one of SCHEMES; ' +
      "a file is file:PATH",
  },
  {
    what: "an option that a source does not have",
    text: "streams:\n  porch: file:/a.ts?speed=2\n",
    sentence:
      'rill.yaml line 2, streams.porch: file:/a.ts?speed=2: no option "speed" here: it has loop, pace',
  },
  {
    what: "streams that are a list",
    text: "streams:\n  - demo\n",
    sentence: "rill.yaml line 1, streams: expected a name and a source for each stream, not a list",
  },
  {
    what: "a name that is none",
    text: "streams:\n  front porch: demo\n",
    sentence: `rill.yaml line 2, streams.front porch: "front porch" ${NAME_RULE}`,
  },
  {
    what: "a name that is a word of Rill's",
    text: "streams:\n  ws: demo\n",
    sentence: `rill.yaml line 2, streams.ws: "ws" ${NAME_RULE}`,
  },
  {
    what: "an address without a port",
    text: "listen: localhost\n",
    sentence:
      "rill.yaml line 1, listen localhost: expected HOST:PORT, for example 0.0.0.0:8000 or [::]:8000",
  },
  {
    what: "a port alone, which YAML reads as a number",
    text: "listen: 8000\n",
    sentence: "rill.yaml line 1, listen: expected HOST:PORT or none, not the number 8000",
  },
  {
    what: "an address that is none",
    text: "\nurl: gate.example.org\n",
    sentence:
      "rill.yaml line 2, url gate.example.org: expected an address that begins with http:// or https://",
  },
  {
    what: "a certificate without its key",
    text: "tls: {cert: fullchain.pem}\n",
    sentence:
      "rill.yaml line 1, tls: expected auto, off, or {cert: FILE, key: FILE}, not keys and values",
  },
  {
    what: "a word that tls does not know",
    text: "tls: on\n",
    sentence:
      "rill.yaml line 1, tls: expected auto, off, or {cert: FILE, key: FILE}, not this text",
  },
  {
    what: "a level that is none",
    text: "log: loud\n",
    sentence: "rill.yaml line 1, log: expected one of error, warn, info, debug, not this text",
  },
  {
    what: "a system that has no listener",
    text: "compat:\n  live_stream_sever: 127.0.0.1:8080\n",
    sentence: "rill.yaml line 2: there is no key live_stream_sever in compat; did you mean " +
      `live_stream_server? It takes ${COMPAT_KEYS.join(", ")}, vw_api`,
  },
  {
    what: "a listener without a port",
    text: "compat:\n  live_stream_server: localhost\n",
    sentence: "rill.yaml line 2, compat.live_stream_server localhost: expected HOST:PORT, for " +
      "example 0.0.0.0:8000 or [::]:8000",
  },
  {
    what: "an address for vw's verbs that is none",
    text: "compat:\n  vw: 127.0.0.1:8888\n  vw_api: https://relay.example.org/bi/secret\n",
    sentence:
      "rill.yaml line 3, compat.vw_api: expected an address that begins with ws:// or wss://",
  },
  {
    what: "an address for vw's verbs without vw",
    text: "compat:\n  vw_api: wss://relay.example.org/bi/secret\n",
    sentence: "rill.yaml line 2, compat.vw_api: this needs vw's listener: add vw: 127.0.0.1:8888 " +
      "beside it",
  },
  {
    what: "an access that is no choice",
    text: "access:\n  view: everybody\n",
    sentence: "rill.yaml line 2, access.view: expected one of key, open, not this text",
  },
  {
    what: "a right that does not exist",
    text: "access:\n  watch: open\n",
    sentence: "rill.yaml line 2: there is no key watch in access; it takes view, publish",
  },
  {
    what: "a destination without an address",
    text: "streams: {a: demo}\ndestinations:\n  cloud:\n    stream: a\n",
    sentence:
      "rill.yaml line 3, destinations.cloud.url: expected an address such as wss://relay.example.org/publish/cam, not nothing",
  },
  {
    what: "a destination's address of another kind",
    text: "streams: {a: demo}\ndestinations:\n  cloud: {url: 'rtmp://x/y', token: s3cret}\n",
    sentence:
      "rill.yaml line 3, destinations.cloud: a destination's address begins with ws://, wss://, http://, https:// or rtp://, for example wss://relay.example.org/publish/cam",
  },
  {
    what: "more destinations than there may be",
    text: `streams: {a: demo}\ndestinations:\n${
      Array.from({ length: 257 }, (_, at) => `  d${at}: {url: 'ws://x/${at}'}\n`).join("")
    }`,
    sentence:
      "rill.yaml line 259, destinations.d256: 257 destinations are more than one relay takes, 256",
  },
  {
    what: "more streams than there may be",
    text: `streams:\n${Array.from({ length: 257 }, (_, at) => `  s${at}: push\n`).join("")}`,
    sentence: "rill.yaml line 258, streams.s256: 257 streams are more than one relay takes, 256",
  },
  {
    what: "a destination for no stream",
    text: "streams: {}\ndestinations:\n  cloud: {url: 'ws://x/y'}\n",
    sentence: "rill.yaml line 3, destinations.cloud: there is no stream to forward: name one",
  },
  {
    what: "a microphone for a source that takes none",
    text: "streams:\n  porch: {source: demo, audio: 'alsa:hw:1'}\n",
    sentence: "rill.yaml line 2, streams.porch: a source demo takes no audio",
  },
  {
    what: "a control's value of no kind",
    text: "streams:\n  porch: {source: 'v4l2:/dev/video0', controls: {brightness: [1]}}\n",
    sentence:
      "rill.yaml line 2, streams.porch.controls.brightness: expected a number, true, false or a label, not a list",
  },
  {
    what: "a way of recording that is none",
    text: "streams:\n  porch: {source: demo, record: {mode: sometimes}}\n",
    sentence:
      "rill.yaml line 2, streams.porch.record.mode: expected one of continuous, not this text",
  },
  {
    what: "recording without saying how",
    text: "streams:\n  porch:\n    source: demo\n    record: true\n",
    sentence:
      "rill.yaml line 4, streams.porch.record: expected keys below it, for example {mode: continuous, keep: 7d}, not the boolean true",
  },
  {
    what: "a time without its unit",
    text:
      "streams:\n  porch:\n    source: demo\n    record:\n      mode: continuous\n      keep: 7\n",
    sentence:
      "rill.yaml line 6, streams.porch.record.keep: expected a time of 1m or more such as 7d, 12h or 30m, not the number 7",
  },
  {
    what: "a size of no kind",
    text: "streams:\n  porch:\n    source: demo\n    record: {mode: continuous, max_size: 20G}\n",
    sentence:
      "rill.yaml line 4, streams.porch.record.max_size: expected a size of 10MB or more such as 20GB or 1TB, not this text",
  },
  {
    what: "a key of a stream's record misspelt",
    text: "streams:\n  porch:\n    source: demo\n    record: {mode: continuous, maxsize: 20GB}\n",
    sentence: "rill.yaml line 4: there is no key maxsize in streams.porch.record; did you mean " +
      "max_size? It takes mode, keep, max_size",
  },
  {
    what: "a variable that is not set",
    text: "streams:\n  porch: udp://:${RILL_TEST_PORT}\n",
    sentence:
      "rill.yaml line 2, streams.porch: the variable RILL_TEST_PORT is not set: set it, or write the value here",
  },
  {
    what: "a variable without an end",
    text: "url: http://${HOST\n",
    sentence:
      'rill.yaml line 1, url: "${HOST" names no variable: write ${NAME}, or $${ for the signs themselves',
  },
  {
    what: "a password that begins like an alias",
    text: "destinations:\n  far: {url: 'wss://far/publish/x', token: *s3cret}\n",
    sentence:
      "rill.yaml line 2: a value that begins with * is an alias in YAML, and nothing has this name: put it in quotes",
  },
  {
    what: "a password that begins like a variable",
    text: "streams:\n  porch: rtsp://me:pa${wo-rd@camera/live\n",
    sentence:
      'rill.yaml line 2, streams.porch: "${wo…" names no variable: write ${NAME}, or $${ for the signs themselves',
  },
];
