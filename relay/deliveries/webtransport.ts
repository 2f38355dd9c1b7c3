/**
 * WebTransport over HTTP/3 (contract §4 and §5; framing: `shared/webtransport.ts`): sessions for those who bring a
 * ticket. Deno answers 200 before this program sees the URL, so sessions are counted before they are authorised, and
 * authorised after they were accepted.
 *
 * @module
 */

import { CLOSE } from "../../shared/control.ts";
import {
  encodeFarewell,
  type Farewell,
  FAREWELL_MS,
  FrameError,
  FrameReader,
} from "../../shared/webtransport.ts";
import type { Log } from "../log.ts";
import type { Stream } from "./delivery.ts";
import { WebTransportSink } from "./webtransport_sink.ts";
import { Tickets } from "./webtransport_tickets.ts";

/** Sessions in all, and those that have not shown a ticket yet; one more is refused. */
export const MAX_SESSIONS = 1024;
export const MAX_STRANGERS = 64;
/** From the first datagram to the control stream. */
const WELCOME_MS = 5_000;
/** A viewer whose network is gone is let go after so long; it is asked for a sign well before. */
const IDLE_MS = 10_000;
const KEEP_ALIVE_MS = 3_000;
/** A viewer opens one stream; a second costs nothing and is not read. */
const MAX_VIEWER_STREAMS = 4;
/** Of a close reason; draft-ietf-webtrans-http3 allows 1024 bytes. */
const MAX_REASON_CHARS = 256;

/** A key and its certificate, PEM, exchanged from time to time. */
export interface WebTransportCertificate {
  readonly current: { readonly certificate: string; readonly key: string };
  onRenewed(use: () => void): void;
}

/** What it is opened with. */
export interface WebTransportOptions {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly certificate: WebTransportCertificate;
  readonly streams: { get(name: string): Stream | undefined };
  readonly log: Log;
  readonly maxSessions?: number;
  readonly maxStrangers?: number;
}

/** It runs. */
export interface RunningWebTransport extends AsyncDisposable {
  /** The UDP port. */
  readonly port: number;
  readonly tickets: Tickets;
  /** Sessions in all, strangers among them. */
  readonly sessions: number;
  /** Ends all sessions; viewers that are told of it come again. */
  endSessions(reason: string): Promise<void>;
}

/** The session is not to be; `message` is told to the viewer. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Listens.
 * @throws {Error} of Deno's when the address cannot be had.
 */
export function openWebTransport(options: WebTransportOptions): RunningWebTransport {
  const { address, certificate, streams, log } = options;
  const { maxSessions = MAX_SESSIONS, maxStrangers = MAX_STRANGERS } = options;
  const tickets = new Tickets();
  const endpoint = new Deno.QuicEndpoint({ ...address });
  const sessions = new Set<Session>();
  let strangers = 0;

  function listen(): Deno.QuicListener {
    const { certificate: cert, key } = certificate.current;
    return endpoint.listen({
      cert,
      key,
      alpnProtocols: ["h3"],
      maxIdleTimeout: IDLE_MS,
      keepAliveInterval: KEEP_ALIVE_MS,
      maxConcurrentBidirectionalStreams: MAX_VIEWER_STREAMS,
      maxConcurrentUnidirectionalStreams: MAX_VIEWER_STREAMS,
      // CUBIC. "low-latency", BBR, is quicker where datagrams get lost, but before a narrow link it sends many times what
      // that carries (`deno task bench loss`, "sent and lost").
      congestionControl: "default",
    });
  }

  const listener = listen();
  // Another `listen` exchanges what new connections are shown; those that are there, and this listener, go on. Deno
  // lets nobody in any more once any listener of an endpoint is garbage, so each is kept: one for each certificate.
  const listeners = [listener];
  certificate.onRenewed(() => void listeners.push(listen()));

  async function welcome(incoming: Deno.QuicIncoming): Promise<void> {
    if (sessions.size >= maxSessions || strangers >= maxStrangers) return incoming.refuse();
    const session = new Session();
    sessions.add(session);
    strangers++;
    const patience = setTimeout(() => session.end(CLOSE.policy, "too slow"), WELCOME_MS);
    try {
      try {
        await session.open(incoming);
        await session.admit(tickets, streams);
      } finally {
        strangers--;
        clearTimeout(patience);
      }
      await session.serve();
    } catch (error) {
      // Else it is the network's doing, or the viewer's: what it was is told below.
      if (error instanceof Refusal) session.end(error.code, error.message);
    } finally {
      session.end(0, "");
      await session.over;
      sessions.delete(session);
      log.debug(await session.epitaph());
    }
  }

  const accepting = (async (): Promise<void> => {
    for await (const incoming of listener) void welcome(incoming);
  })();

  async function endSessions(reason: string): Promise<void> {
    const ending = [...sessions];
    for (const session of ending) session.end(CLOSE.goingAway, reason);
    await Promise.all(ending.map((session) => session.over));
  }

  return {
    endSessions,
    port: endpoint.addr.port,
    tickets,
    get sessions(): number {
      return sessions.size;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const each of listeners) each.stop();
      await endSessions("the relay stops");
      endpoint.close();
      await accepting;
    },
  };
}

/** One connection, which has one session. */
class Session {
  #connection: Deno.QuicConn | undefined;
  #transport: WebTransport & { url: string } | undefined;
  readonly #beganAt = performance.now();
  #ended = false;
  /** What this side ended it with; empty where it did not. */
  #reason = "";
  #stream: Stream | undefined;
  /** The relay's half of the control stream, once there is one. */
  #control: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** Resolves when the connection is gone. */
  get over(): Promise<unknown> {
    return Promise.allSettled([this.#connection?.closed]);
  }

  /** How it ended, a sentence; once it has. */
  async epitaph(): Promise<string> {
    const seconds = ((performance.now() - this.#beganAt) / 1000).toFixed(1);
    const of = this.#stream ? ` of ${this.#stream.name}` : "";
    return `a WebTransport session${of} ended after ${seconds} s: ${await this.#cause()}`;
  }

  async #cause(): Promise<string> {
    if (this.#reason !== "") return `the relay closed it: ${this.#reason}`;
    const connection = this.#connection;
    if (!connection) return "no connection came about";
    try {
      const { closeCode, reason } = await connection.closed;
      return `its viewer closed it (${closeCode}${reason && `, ${reason}`})`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error); // `timed out`, and what else QUIC knows
    }
  }

  async open(incoming: Deno.QuicIncoming): Promise<void> {
    this.#connection = await incoming.accept();
    if (this.#ended) { // meanwhile, when there was nothing to close yet
      this.#connection.close({ closeCode: 0, reason: "" });
      throw new Refusal(CLOSE.policy, "too slow");
    }
    this.#transport = await Deno.upgradeWebTransport(this.#connection);
    void Promise.allSettled([this.#transport.closed]); // `over` tells
    await this.#transport.ready;
  }

  /** Whoever has shown no valid ticket goes again. */
  admit(tickets: Tickets, streams: WebTransportOptions["streams"]): void {
    const ticket = new URL(this.#transport?.url ?? "").searchParams.get("ticket") ?? "";
    const name = tickets.redeem(ticket);
    if (name === undefined) throw new Refusal(CLOSE.noKey, "this ticket is spent or too old");
    const stream = streams.get(name);
    if (!stream) throw new Refusal(CLOSE.noSuchStream, `there is no stream ${name}`);
    this.#stream = stream;
  }

  /** Serves the viewer to the end of its control stream. */
  async serve(): Promise<void> {
    const connection = this.#connection;
    const transport = this.#transport;
    const hub = this.#stream?.hub;
    if (!connection || !transport || !hub) return;
    const patience = setTimeout(() => this.end(CLOSE.policy, "too slow"), WELCOME_MS);
    const { value: stream } = await transport.incomingBidirectionalStreams.getReader().read();
    clearTimeout(patience);
    if (!stream) return;
    stream.writable.sendOrder = 2 ** 31 - 1; // above all media
    const control = stream.writable.getWriter();
    this.#control = control;
    void Promise.allSettled([control.closed]); // the reading side tells
    const sink = new WebTransportSink({
      connection,
      control,
      hub,
      end: (code, reason) => this.end(code, reason),
    });
    using _subscription = hub.subscribe(sink);
    const frames = new FrameReader();
    try {
      for await (const chunk of stream.readable) {
        frames.push(chunk, (kind, body) => sink.read(kind, body));
      }
    } catch (error) {
      if (error instanceof FrameError) throw new Refusal(CLOSE.policy, error.message);
      throw error;
    }
  }

  /** Ends it, with a farewell where there is something to say and a way to say it; again is nothing. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    const farewell = { code, reason: reason.slice(0, MAX_REASON_CHARS) };
    if (reason === "" || !this.#control) return this.#close(farewell);
    void Promise.allSettled([this.#control.write(encodeFarewell(farewell))]); // `over` tells
    const patience = setTimeout(() => this.#close(farewell), FAREWELL_MS);
    void this.over.then(() => {
      clearTimeout(patience);
      this.#close(farewell);
    });
  }

  #close({ code, reason }: Farewell): void {
    const closing = { closeCode: code, reason };
    if (this.#transport) this.#transport.close(closing);
    else this.#connection?.close(closing);
  }
}
