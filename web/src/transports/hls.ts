/**
 * The stream by plain HTTP requests, where nothing better gets through a network: the relay's low-latency HLS followed
 * part by part. Its parts are the same fragments as everywhere (contract §4), so a player goes on with them where
 * another transport left off. It has no way to answer pings: the clock stays unknown.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import { sleep } from "../../../shared/sleep.ts";
import { withLimit } from "../../../shared/time_limit.ts";
import {
  type MediaPlaylist,
  type Piece,
  readMediaPlaylist,
  readVariant,
  type Variant,
} from "./hls_playlist.ts";
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
/** The relay itself waits 10 s for a camera that is not there yet; a browser would wait minutes for a relay that is gone. */
const OPEN_TIMEOUT_MS = 15_000;
/** The next segment is there by then (RFC 8216bis §6.2.1): one whose pictures come slowly has no parts before it. */
const LATEST_TARGETS = 1.5;
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

/** Why there is nothing, as a sentence: in the relay's own words (RFC 9457), where it is the relay that answers. */
async function whyNot(answer: Response): Promise<string> {
  const text = await answer.text();
  if (answer.status === 404) return "The relay has no stream of this name.";
  try {
    const problem = JSON.parse(text) as { detail?: unknown } | null;
    const detail = problem?.detail;
    if (typeof detail === "string" && detail !== "") return detail;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // somebody else's page
  }
  return `The stream does not run (${answer.status}).`;
}

/** The whole answer to a request. @throws {TransportError} or the signal's reason when it is aborted first. */
async function take<T>(
  url: string | URL,
  { read, signal }: {
    readonly read: (answer: Response) => Promise<T>;
    readonly signal: AbortSignal;
  },
): Promise<T> {
  let reached = false;
  try {
    const answer = await fetch(url, { signal });
    reached = true;
    if (answer.ok) return await read(answer);
    throw new TransportError(await whyNot(answer));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransportError) throw error;
    const sentence = reached ? "The connection broke." : "The relay cannot be reached.";
    throw new TransportError(sentence, { cause: error });
  }
}

function takeText(url: string | URL, signal: AbortSignal): Promise<string> {
  return take(url, { read: (answer) => answer.text(), signal });
}

/** What the multivariant playlist at `main` names. @throws {TransportError} */
async function takeVariant(main: string, signal: AbortSignal): Promise<Variant> {
  const variant = readVariant(await takeText(main, signal));
  if (variant === undefined) throw new TransportError("The relay's playlist cannot be read.");
  return variant;
}

async function open(url: string, { receiver, signal }: OpenOptions): Promise<Connection> {
  signal.throwIfAborted();
  const main = playlistUrl(url);
  const opening = withLimit(signal, OPEN_TIMEOUT_MS);
  try {
    const { uri, codecs } = await takeVariant(main, opening);
    const address = new URL(uri, main);
    const first = readMediaPlaylist(await takeText(address, opening));
    signal.throwIfAborted();
    const follower = new Follower({ main, address, codecs, receiver, signal });
    const quietMs = first.target * LATEST_TARGETS * 1000;
    return { send: () => {}, quietMs, closed: follower.follow(first) };
  } catch (error) {
    signal.throwIfAborted();
    if (!opening.aborted) throw error;
    throw new TransportError("The relay does not answer.", { cause: error });
  }
}

interface FollowerOptions {
  /** Of the multivariant playlist, and of the media playlist that it names. */
  readonly main: string;
  readonly address: URL;
  /** Of the generation there was when the first was read. */
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
        playlist = readMediaPlaylist(await takeText(reload, signal));
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
    const { codecs, main, receiver, signal } = this.#options;
    const bytes = await this.#fetch(map);
    // Which tracks a generation has, only the multivariant playlist tells.
    const now = this.#map === "" ? codecs : (await takeVariant(main, signal)).codecs;
    this.#map = map;
    receiver.control(describe(map, now));
    receiver.media(bytes);
  }

  async #fetch(uri: string): Promise<Bytes> {
    const { address, signal } = this.#options;
    const read = async (answer: Response): Promise<Bytes> =>
      new Uint8Array(await answer.arrayBuffer());
    const bytes = await take(new URL(uri, address), { read, signal });
    signal.throwIfAborted();
    return bytes;
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
