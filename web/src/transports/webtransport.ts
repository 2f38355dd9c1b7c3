/**
 * The stream over WebTransport (W3C WebTransport; framing: `shared/webtransport.ts`): a ticket by HTTP, then one
 * session whose groups come each on a stream of its own. Does not reconnect: that is `player/link.ts`.
 *
 * @module
 */

import type { WebTransportOffer } from "../../../shared/api.ts";
import type { Bytes } from "../../../shared/bytes.ts";
import { encodeMessage, parseServerMessage } from "../../../shared/control.ts";
import { BoxError } from "../../../shared/mp4/box_splitter.ts";
import { withLimit } from "../../../shared/time_limit.ts";
import {
  encodeFrame,
  FRAME,
  FrameError,
  FrameReader,
  GROUP_HEADER_BYTES,
  readFarewell,
  readGivenUp,
  readGroupHeader,
} from "../../../shared/webtransport.ts";
import { FragmentCutter } from "./fragment_cutter.ts";
import { GroupOrder } from "./group_order.ts";
import { Receipts } from "./receipts.ts";
import {
  type Closure,
  type Connection,
  type OpenOptions,
  type Receiver,
  type Transport,
  TransportError,
} from "./transport.ts";
import { bearsGroupStreams, offeredHere } from "./webtransport_support.ts";

/** A network that lets no UDP through is silent: after so long it counts as one. */
export const OPEN_TIMEOUT_MS = 5_000;

/** This side ended it; the network did (as `shared/control.ts`, RFC 6455 §7.4.1). */
const NORMAL = 1000;
const ABNORMAL = 1006;
const LIVE = "/live/";

/** Where tickets for the stream whose page is `url` are had, and the stream's name. */
export function ticketRequest(url: string): { readonly address: string; readonly stream: string } {
  const { origin, pathname } = new URL(url);
  const at = pathname.indexOf(LIVE);
  const stream = pathname.slice(at + LIVE.length).replace(/\/+$/, "");
  return {
    address: `${origin}${pathname.slice(0, at)}/api/webtransport`,
    stream: decodeURIComponent(stream),
  };
}

async function askForTicket(url: string, signal: AbortSignal): Promise<WebTransportOffer> {
  const { address, stream } = ticketRequest(url);
  const response = await fetch(address, {
    method: "POST",
    body: JSON.stringify({ stream }),
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new TransportError(`The relay offers no WebTransport (${response.status}).`);
  }
  return await response.json() as WebTransportOffer;
}

async function open(url: string, { receiver, signal }: OpenOptions): Promise<Connection> {
  signal.throwIfAborted();
  const opening = withLimit(signal, OPEN_TIMEOUT_MS);
  let session: WebTransport | undefined;
  const giveUp = (): void => close(session);
  opening.addEventListener("abort", giveUp, { once: true });
  try {
    const offer = await askForTicket(url, opening);
    session = new WebTransport(offer.url, {
      serverCertificateHashes: offer.certificateHashes.map(({ algorithm, value }) => ({
        algorithm,
        value: Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
      })),
      congestionControl: "low-latency",
    });
    void Promise.allSettled([session.closed]); // told by `ready`, and by the connection below
    if (opening.aborted) close(session); // meanwhile
    await session.ready;
    const control = await session.createBidirectionalStream();
    opening.removeEventListener("abort", giveUp);
    signal.throwIfAborted();
    return serve(session, { control, receiver, signal });
  } catch (error) {
    close(session);
    signal.throwIfAborted();
    if (error instanceof TransportError) throw error;
    throw new TransportError("The relay cannot be reached over WebTransport.", { cause: error });
  }
}

/** Ends a session, in whatever state it is: closing one that never came about is an error in some engines. */
function close(session: WebTransport | undefined): void {
  try {
    session?.close();
  } catch (error) {
    if (!(error instanceof WebTransportError || error instanceof DOMException)) throw error;
  }
}

interface Parts {
  readonly control: WebTransportBidirectionalStream;
  readonly receiver: Receiver;
  readonly signal: AbortSignal;
}

/** An open session, in use. */
function serve(session: WebTransport, { control, receiver, signal }: Parts): Connection {
  const over = new AbortController();
  const writer = control.writable.getWriter();
  const send = (frame: Bytes): void => {
    if (!over.signal.aborted) void Promise.allSettled([writer.write(frame)]); // `closed` tells
  };
  let leave: (closure: Closure) => void = () => undefined; // until the next line
  const closed = new Promise<Closure>((resolve) => {
    const end = (closure: Closure): void => {
      signal.removeEventListener("abort", onAbort);
      over.abort();
      resolve(closure);
    };
    leave = (closure): void => {
      end(closure);
      close(session);
    };
    const onAbort = (): void => leave({ code: NORMAL, reason: "" });
    signal.addEventListener("abort", onAbort);
    session.closed.then(
      ({ closeCode = 0, reason = "" }) => end({ code: closeCode || ABNORMAL, reason }),
      (error: unknown) => end({ code: ABNORMAL, reason: "", cause: String(error) }),
    );
  });
  const giveUp = (error: unknown): void => {
    close(session);
    if (!(error instanceof FrameError)) throw error;
  };
  const groups = new Groups({ receiver, send, signal: over.signal });
  send(encodeFrame(FRAME.hello, new Uint8Array(0)));
  readControl(control.readable, { groups, receiver, leave, signal: over.signal }).catch(giveUp);
  void readStreams(session.incomingUnidirectionalStreams, groups);
  return {
    send: (message) => send(encodeFrame(FRAME.message, utf8(encodeMessage(message)))),
    closed,
  };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Reads the relay's half of the control stream to its end. */
async function readControl(
  readable: ReadableStream<Uint8Array>,
  { groups, receiver, leave, signal }: {
    readonly groups: Groups;
    readonly receiver: Receiver;
    /** Ends the session. */
    readonly leave: (closure: Closure) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const frames = new FrameReader();
  const reader = readable.getReader();
  for (;;) {
    const value = await next(reader);
    if (value === undefined || signal.aborted) return;
    frames.push(value, (kind, body) => {
      if (kind === FRAME.init) groups.order.init(body);
      const givenUp = kind === FRAME.givenUp ? readGivenUp(body) : undefined;
      if (givenUp !== undefined) groups.order.leave(givenUp, performance.now());
      const farewell = kind === FRAME.farewell ? readFarewell(body) : undefined;
      if (farewell !== undefined) leave(farewell);
      if (kind !== FRAME.message) return;
      const message = parseServerMessage(new TextDecoder().decode(body));
      if (message?.type === "stream") groups.order.announce(message);
      else if (message !== undefined) receiver.control(message);
    });
  }
}

/** The next of a stream; `undefined` at its end, whether it came to it or broke off: `closed` tells of that. */
async function next<T>(reader: ReadableStreamDefaultReader<T>): Promise<T | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    return undefined;
  }
}

async function readStreams(
  streams: ReadableStream<ReadableStream<Uint8Array>>,
  groups: Groups,
): Promise<void> {
  const reader = streams.getReader();
  for (;;) {
    const value = await next(reader);
    if (value === undefined) return;
    void groups.read(value.getReader());
  }
}

/** The groups of one session. */
class Groups {
  readonly order: GroupOrder;
  readonly #readers = new Map<number, ReadableStreamDefaultReader<Uint8Array>>();
  readonly #receipts: Receipts;
  readonly #signal: AbortSignal;

  constructor({ receiver, send, signal }: {
    readonly receiver: Receiver;
    readonly send: (frame: Bytes) => void;
    readonly signal: AbortSignal;
  }) {
    this.#receipts = new Receipts(send, signal);
    this.#signal = signal;
    this.order = new GroupOrder({ receiver, drop: (ordinal) => this.#drop(ordinal) });
  }

  /** Reads one group to its end. */
  async read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    let ordinal: number | undefined;
    try {
      const head = await readHead(reader);
      if (head === undefined) return;
      const header = readGroupHeader(head.header);
      if (!this.order.begin(header)) {
        this.#receipts.done(header.ordinal);
        await Promise.allSettled([reader.cancel()]); // it may have broken off
        return;
      }
      ordinal = header.ordinal;
      this.#readers.set(ordinal, reader);
      await this.#readMedia(reader, { ordinal, first: head.rest });
    } catch (error) {
      if (!(error instanceof BoxError)) throw error; // what is whole before that was used
      await Promise.allSettled([reader.cancel()]); // broken already
    } finally {
      if (ordinal !== undefined) {
        this.#readers.delete(ordinal);
        this.#receipts.done(ordinal);
        if (!this.#signal.aborted) this.order.end(ordinal);
      }
    }
  }

  async #readMedia(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    { ordinal, first }: { readonly ordinal: number; readonly first: Bytes },
  ): Promise<void> {
    const cutter = new FragmentCutter();
    let taken = 0;
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined;) {
      if (this.#signal.aborted) return;
      const fragments = cutter.push(chunk as Bytes); // what a session hands out is never shared memory
      taken += chunk.length;
      if (taken > 0) this.#receipts.took(ordinal, taken);
      if (fragments !== undefined) this.order.take(ordinal, fragments, performance.now());
      chunk = await next(reader);
    }
  }

  #drop(ordinal: number): void {
    this.#receipts.done(ordinal);
    void Promise.allSettled([this.#readers.get(ordinal)?.cancel()]); // it may have ended by itself
  }
}

/** Reads what stands before a group's media; `undefined` when the stream ends before. */
async function readHead(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly header: Bytes; readonly rest: Bytes } | undefined> {
  let bytes: Bytes = new Uint8Array(0);
  while (bytes.length < GROUP_HEADER_BYTES) {
    const value = await next(reader);
    if (value === undefined) return undefined;
    const joined = new Uint8Array(bytes.length + value.length);
    joined.set(bytes);
    joined.set(value, bytes.length);
    bytes = joined;
  }
  return {
    header: bytes.subarray(0, GROUP_HEADER_BYTES),
    rest: bytes.subarray(GROUP_HEADER_BYTES),
  };
}

/** The stream over WebTransport. */
export const webtransport: Transport = {
  supported: () =>
    typeof WebTransport === "function" && bearsGroupStreams(navigator) && offeredHere(),
  open,
};
