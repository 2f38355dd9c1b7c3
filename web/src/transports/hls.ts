/**
 * The stream by plain HTTP requests, where nothing better gets through a network: the relay's low-latency HLS followed
 * part by part. Its parts are the same fragments as everywhere (contract §4), so a player goes on with them where
 * another transport left off. It has no way to answer pings: the clock stays unknown.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import type { Bytes } from "../../../shared/bytes.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import { type MediaPlaylist, type Piece, readMediaPlaylist, readVariant } from "./hls_playlist.ts";
import {
  type Closure,
  type Connection,
  type OpenOptions,
  type Receiver,
  type Transport,
  TransportError,
} from "./transport.ts";

/** As `shared/control.ts`, RFC 6455 §7.4.1: this side ended it; the network did. */
const NORMAL = 1000;
const ABNORMAL = 1006;
/** Pieces whose addresses are remembered as taken: more than any playlist lists. */
const MAX_TAKEN = 4096;

/** The playlist of the stream whose page is `url`. */
export function playlistUrl(url: string): string {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/, "")}/index.m3u8`;
  target.search = "";
  target.hash = "";
  return target.href;
}

async function get(url: string | URL, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new TransportError("The relay cannot be reached.", { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new TransportError(
    response.status === 404
      ? "The relay has no stream of this name."
      : `The stream does not run (${response.status}).`,
  );
}

async function open(url: string, { receiver, signal }: OpenOptions): Promise<Connection> {
  const main = playlistUrl(url);
  const variant = readVariant(await (await get(main, signal)).text());
  if (variant === undefined) throw new TransportError("The relay's playlist cannot be read.");
  const address = new URL(variant.uri, main);
  const first = readMediaPlaylist(await (await get(address, signal)).text());
  const follower = new Follower({ address, codecs: variant.codecs, receiver, signal });
  return { send: () => {}, closed: follower.follow(first) };
}

interface FollowerOptions {
  readonly address: URL;
  readonly codecs: string;
  readonly receiver: Receiver;
  readonly signal: AbortSignal;
}

/** Follows one media playlist. */
class Follower {
  readonly #options: FollowerOptions;
  readonly #taken = new Set<string>();
  /** The newest segment of which something was taken: the older ones come no more, though their parts are not listed now. */
  #newest = -1;
  #map = "";

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Takes all that comes, to the end of the signal or of the stream. */
  async follow(first: MediaPlaylist): Promise<Closure> {
    const { address, signal } = this.#options;
    try {
      this.#skipTo(first.pieces.findLastIndex(({ independent }) => independent), first.pieces);
      for (let playlist = first;;) {
        let fresh = 0;
        for (const piece of playlist.pieces) if (await this.#take(piece)) fresh++;
        // A cache on the way that leaves the query out answers at once, with nothing new.
        if (fresh === 0) await sleep(playlist.partTarget * 1000, signal);
        const reload = new URL(address);
        reload.searchParams.set("_HLS_msn", `${playlist.next.sequence}`);
        reload.searchParams.set("_HLS_part", `${playlist.next.part}`);
        playlist = readMediaPlaylist(await (await get(reload, signal)).text());
      }
    } catch (error) {
      if (signal.aborted) return { code: NORMAL, reason: "" };
      if (!(error instanceof TransportError)) throw error;
      return { code: ABNORMAL, reason: error.message };
    }
  }

  /** What lies before the newest place to begin is not wanted. */
  #skipTo(index: number, pieces: readonly Piece[]): void {
    for (const piece of pieces.slice(0, Math.max(0, index))) this.#note(piece);
  }

  /** Whether it was new. */
  async #take(piece: Piece): Promise<boolean> {
    const { uri, map, kind, sequence } = piece;
    if (this.#taken.has(uri) || (kind === "segment" && sequence <= this.#newest)) return false;
    this.#note(piece);
    if (map !== this.#map) await this.#begin(map);
    this.#options.receiver.media(await this.#fetch(uri));
    return true;
  }

  #note({ uri, sequence }: Piece): void {
    this.#newest = Math.max(this.#newest, sequence);
    this.#taken.add(uri);
    if (this.#taken.size > MAX_TAKEN) this.#taken.delete([...this.#taken][0] ?? "");
  }

  /** A generation begins. */
  async #begin(map: string): Promise<void> {
    const bytes = await this.#fetch(map);
    this.#map = map;
    this.#options.receiver.control(describe(map, this.#options.codecs));
    this.#options.receiver.media(bytes);
  }

  async #fetch(uri: string): Promise<Bytes> {
    const { address, signal } = this.#options;
    const response = await get(new URL(uri, address), signal);
    try {
      const bytes = new Uint8Array(await response.arrayBuffer());
      signal.throwIfAborted();
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      throw new TransportError("The connection broke.", { cause: error });
    }
  }
}

/** As much as playlists tell of what other transports say before an init segment. */
function describe(map: string, codecs: string): StreamMessage {
  const [generation = "0"] = /\d+(?=\D*$)/.exec(map) ?? [];
  return {
    type: "stream",
    generation: Number(generation),
    mime: `video/mp4; codecs="${codecs}"`,
    tracks: codecs.split(",").map((codec, index) => ({
      id: index + 1,
      kind: /^(?:mp4a|opus|flac|ac-3|ec-3)/i.test(codec) ? "audio" : "video",
      codec,
    })),
    clock: { errorUs: 0 },
  };
}

/** The stream by HLS. */
export const hls: Transport = {
  supported: () => typeof fetch === "function",
  open,
};
