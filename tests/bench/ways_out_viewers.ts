/**
 * Viewers of the ways out that `crowd.c` does not speak, in a process of their own. `ways_out_viewers.ts WAY URL COUNT`
 * says "ready" when each has had something, and answers a line with what all have had since the last, as JSON. WAY is
 * `http` (the body of URL, however it is cut), `hls` (URL is a multivariant playlist; each asks for every part as soon as
 * it may) or `webtransport` (URL is the stream's page).
 *
 * @module
 */

import { webtransport } from "../../web/src/transports/webtransport.ts";
import { readPlaylist } from "../support/hls/playlist_reader.ts";

/** Watches for good; calls `took` with the bytes of each piece. */
type Way = (url: string, took: (bytes: number) => void) => Promise<unknown>;

const encoder = new TextEncoder();

async function http(url: string, took: (bytes: number) => void): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(encoder.encode(`GET ${pathname} HTTP/1.0\r\n\r\n`));
  const buffer = new Uint8Array(256 * 1024);
  for (;;) took(await connection.read(buffer) ?? gone());
}

async function hls(url: string, took: (bytes: number) => void): Promise<void> {
  const load = async (address: URL): Promise<Uint8Array> => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    const bytes = await response.bytes();
    took(bytes.length);
    return bytes;
  };
  await load(new URL(url));
  const media = new URL("hls/live.m3u8", url);
  const had = new Set<string>();
  for (let query = "";;) {
    const { segments } = readPlaylist(new TextDecoder().decode(await load(new URL(query, media))));
    const newest = segments.at(-1);
    if (!newest) throw new Error("an empty playlist");
    const isFirst = had.size === 0;
    const uris = segments.flatMap(({ parts }) => parts.map(({ uri }) => uri));
    const news = uris.filter((uri) => !had.has(uri));
    for (const uri of news) had.add(uri);
    if (!isFirst) { for (const uri of news) await load(new URL(uri, media)); }
    const next = newest.uri === undefined
      ? `_HLS_msn=${newest.sequence}&_HLS_part=${newest.parts.length}`
      : `_HLS_msn=${newest.sequence + 1}&_HLS_part=0`;
    query = `?${next}&_HLS_skip=YES`;
  }
}

async function quic(url: string, took: (bytes: number) => void): Promise<void> {
  const { closed } = await webtransport.open(url, {
    receiver: { media: ({ length }) => took(length), control: () => {} },
    signal: new AbortController().signal,
  });
  await closed;
  gone();
}

function gone(): never {
  throw new Error("a viewer was sent away");
}

const WAYS: Readonly<Record<string, Way>> = { http, hls, webtransport: quic };

const [name = "", url = "", count = ""] = Deno.args;
const way = WAYS[name];
if (!way) throw new Error(`ways are ${Object.keys(WAYS).join(", ")}`);
let bytes = 0;
for (let i = 0; i < Number(count); i++) {
  const { promise, resolve } = Promise.withResolvers<void>();
  void way(url, (more) => {
    bytes += more;
    resolve();
  });
  await promise;
}
Deno.stdout.writeSync(encoder.encode("ready\n"));
for await (const _line of Deno.stdin.readable) {
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify({ bytes })}\n`));
  bytes = 0;
}
