/**
 * `/live/{name}/index.m3u8` and `/live/{name}/hls/…`: HLS and Low-Latency HLS, RFC 8216bis. A stream's window begins
 * with the first request and ends when nobody has asked for a while; until then it costs nothing, and then the same
 * however many ask. Knows no viewer: there are no sessions, so any HTTP cache can stand before it.
 *
 * @module
 */

import type { Delivery, DeliveryRequest, Stream } from "../delivery.ts";
import { offlineProblem } from "../problem.ts";
import { clientOf } from "./audience.ts";
import { readDirectives } from "./directives.ts";
import { multivariantPlaylist } from "./playlist.ts";
import { batchesOf, type Named, readName } from "./segment.ts";
import { CACHE, refuse, sendMedia, sendPlaylist } from "./send.ts";
import { Window } from "./window.ts";

const RESOURCE = "index.m3u8";
const FOLDER = "hls";
const MEDIA_PLAYLIST = "live.m3u8";

/** Times in ms; tests bring shorter ones. */
export interface HlsTimes {
  /** A stream's window ends when nobody has asked for so long; a blocked request is not longer. */
  readonly idle: number;
  /** The first to ask waits so long for a whole first segment; then the parts there are must do. */
  readonly patience: number;
  /** A request waits so long for a stream that does not run (contract §4). */
  readonly offline: number;
}

const TIMES: HlsTimes = { idle: 60_000, patience: 8_000, offline: 10_000 };

/** From here on the seconds are counted that a playlist's first number is; some players have 32 bits for it. */
const COUNTED_FROM = Date.UTC(2020, 0);

/**
 * The first segment's number where no other playlist went before. Numbers may not go back (RFC 8216bis §6.2.1), and players
 * know the address only, not that the relay was started anew: hls.js gives up a playlist that does. A segment lasts a second
 * at least, so that none before has come so far. (Discontinuities stay few: hls.js looks at each number up to theirs.)
 */
function numberNow(): number {
  return Math.max(0, Math.floor((Date.now() - COUNTED_FROM) / 1000));
}

/** A blocked request is let go after so many target durations (§6.2.5.2). */
const MAX_BLOCK_TARGETS = 3;
/**
 * A media element's own player (Chromium's, of 142 and later) asks for the playlist again the moment it has loaded all that
 * is listed, unless that is so many segments, and gives the stream up when there are no more by then.
 */
const ELEMENT_SEGMENTS = 3;
/** Segments a request may be ahead of the newest (§6.2.5.2). */
const MAX_AHEAD = 2;

/** A window, and what keeps it up. */
interface Running {
  readonly window: Window;
  readonly subscription: Disposable;
  readonly settled: ReturnType<typeof setTimeout>;
  askedAt: number;
}

/** Opens the delivery. @param begin first number of a playlist; tests bring a smaller one. */
export function openHls(times: HlsTimes = TIMES, begin: () => number = numberNow): Delivery {
  const running = new Map<Stream["hub"], Running>();
  /** Where the next window of a stream goes on counting. */
  const ends = new WeakMap<
    Stream["hub"],
    { readonly sequence: number; readonly discontinuities: number }
  >();
  const closing = new AbortController();
  let sweeper: ReturnType<typeof setInterval> | undefined;

  /** The stream's window; whoever asks for it is counted. */
  function windowOf({ request, stream: { hub } }: DeliveryRequest): Window {
    const client = clientOf(request.socket.remoteAddress, request.headers["user-agent"]);
    const known = running.get(hub);
    if (known && !known.window.gone) {
      known.askedAt = performance.now();
      known.window.asked(client);
      return known.window;
    }
    if (known) end(hub, known);
    const window = new Window({
      epoch: Math.floor(performance.timeOrigin + performance.now()).toString(36),
      ...ends.get(hub) ?? { sequence: begin() },
      now: () => performance.now(),
    });
    window.asked(client);
    const subscription = hub.subscribe(window);
    const settled = setTimeout(() => window.settle(), times.patience);
    running.set(hub, { window, subscription, settled, askedAt: performance.now() });
    sweeper ??= setInterval(sweep, Math.max(10, times.idle / 6));
    return window;
  }

  function end(hub: Stream["hub"], { window, subscription, settled }: Running): void {
    clearTimeout(settled);
    subscription[Symbol.dispose]();
    ends.set(hub, {
      sequence: window.nextSequence,
      discontinuities: window.endDiscontinuities,
    });
    running.delete(hub);
    if (running.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  }

  function sweep(): void {
    for (const [hub, one] of running) {
      if (one.window.gone || performance.now() - one.askedAt > times.idle) end(hub, one);
    }
  }

  /** Waits until `met`, at most `ms`. Whether it came to be while the client was there. */
  async function waitFor(
    { response }: DeliveryRequest,
    window: Window,
    { met, ms }: { met: () => boolean; ms: number },
  ): Promise<boolean> {
    if (met()) return true;
    const left = new AbortController();
    const leave = (): void => left.abort();
    response.on("close", leave);
    const patience = setTimeout(leave, ms);
    await window.wait(met, AbortSignal.any([left.signal, closing.signal]));
    clearTimeout(patience);
    response.off("close", leave);
    return met() && !response.destroyed;
  }

  /** The stream's window once it has something to show; otherwise the request has been answered. */
  async function ready(what: DeliveryRequest): Promise<Window | undefined> {
    const window = windowOf(what);
    if (await waitFor(what, window, { met: () => window.ready, ms: times.offline })) return window;
    const { name, offline } = what.stream;
    refuse(
      what,
      offlineProblem(offline ?? `No picture has come from ${name} yet; try again.`),
      { "retry-after": "5" },
    );
    return undefined;
  }

  async function multivariant(what: DeliveryRequest): Promise<void> {
    const window = await ready(what);
    const variant = window?.variant(`${FOLDER}/${MEDIA_PLAYLIST}`);
    if (!window || !variant) return;
    window.sentBytes += sendPlaylist(what, multivariantPlaylist(variant), CACHE.playlist);
  }

  async function media(what: DeliveryRequest): Promise<void> {
    const directives = readDirectives(queryOf(what));
    if (typeof directives === "string") return refuse(what, badDirective(directives));
    const window = await ready(what);
    if (!window) return;
    const { wait, delta } = directives;
    const send = (cache: string): void => {
      window.sentBytes += sendPlaylist(what, window.playlist({ delta }), cache);
    };
    const { newest } = window;
    if (!wait && ofMediaElement(what) && window.whole < ELEMENT_SEGMENTS) {
      const next = { sequence: newest.complete ? newest.sequence + 1 : newest.sequence };
      await waitFor(what, window, {
        met: () => window.has(next),
        ms: MAX_BLOCK_TARGETS * window.target * 1000,
      });
      return send(CACHE.never); // else its next request would be answered by a cache, with the same
    }
    if (!wait) return send(CACHE.playlist);
    const parts = newest.sequence === wait.sequence ? newest.parts : 0;
    if (
      wait.sequence > newest.sequence + MAX_AHEAD ||
      (wait.sequence >= newest.sequence && (wait.part ?? 0) >= parts + window.advanceParts)
    ) {
      return refuse(what, badDirective(`The playlist ends at ${newest.sequence}; ask for less.`));
    }
    const came = await waitFor(what, window, {
      met: () => window.has(wait),
      ms: MAX_BLOCK_TARGETS * window.target * 1000,
    });
    if (came) send(CACHE.blocked(window.target));
    else refuse(what, stalled(what.stream), { "retry-after": "1" });
  }

  async function file(what: DeliveryRequest, named: Named): Promise<void> {
    const window = running.get(what.stream.hub)?.window;
    if (window?.epoch !== named.epoch) return gone(what, window);
    windowOf(what); // somebody asks
    const send = async (pieces: readonly Uint8Array[]): Promise<void> => {
      const sent = await sendMedia(what, pieces);
      window.sentBytes += sent;
    };
    if (named.kind === "init") {
      const init = window.initOf(named.generation);
      return init ? await send([init.bytes]) : gone(what, window);
    }
    const point = named.kind === "part"
      ? { sequence: named.sequence, part: named.part }
      : { sequence: named.sequence };
    const { newest } = window;
    const soon = named.sequence === newest.sequence || named.sequence === newest.sequence + 1;
    if (soon && !window.has(point)) {
      const met = (): boolean => window.has(point);
      await waitFor(what, window, { met, ms: MAX_BLOCK_TARGETS * window.target * 1000 });
    }
    const segment = window.segment(named.sequence);
    if (!segment) return gone(what, window, named.sequence > newest.sequence);
    if (named.kind === "part") {
      const part = segment.parts[named.part];
      if (!part) return gone(what, window, segment.seconds === undefined);
      return await send(part.batches.map(({ bytes }) => bytes));
    }
    if (segment.seconds === undefined) return gone(what, window, true);
    await send(batchesOf(segment).map(({ bytes }) => bytes));
  }

  return {
    resource: RESOURCE,
    folder: FOLDER,
    request(what: DeliveryRequest): void {
      const named = what.file === undefined ? undefined : readName(what.file);
      if (what.file === undefined) void multivariant(what);
      else if (what.file === MEDIA_PLAYLIST) void media(what);
      else if (named) void file(what, named);
      else gone(what, undefined);
    },
    close(): void {
      closing.abort();
      for (const [hub, one] of running) end(hub, one);
    },
  };
}

function queryOf({ request }: DeliveryRequest): URLSearchParams {
  return new URL(request.url ?? "/", "http://relay").searchParams;
}

/** Whether `<video src>` asks, which no script is behind (W3C Fetch Metadata §2.1). */
function ofMediaElement({ request }: DeliveryRequest): boolean {
  const destination = request.headers["sec-fetch-dest"];
  return destination === "video" || destination === "audio";
}

/** @param soon it may still come. */
function gone(what: DeliveryRequest, window: Window | undefined, soon = false): void {
  refuse(what, {
    type: "/problems/no-such-segment",
    title: "No such segment",
    status: 404,
    detail: `${what.file} of ${what.stream.name} is not there any more, or not yet; ` +
      "load the playlist again.",
  }, { "cache-control": soon || !window ? CACHE.never : CACHE.past(window.target) });
}

function badDirective(detail: string): Parameters<typeof refuse>[1] {
  return {
    type: "/problems/bad-delivery-directive",
    title: "A delivery directive cannot be followed",
    status: 400,
    detail,
  };
}

function stalled({ name, offline }: Stream): Parameters<typeof refuse>[1] {
  return offlineProblem(offline ?? `Nothing has come from ${name} for a while; try again.`);
}
