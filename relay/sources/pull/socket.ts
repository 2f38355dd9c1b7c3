/**
 * Media as a WebSocket's binary messages; another Rill's text messages are understood (contract §5): what it leaves
 * out, when it has no picture, and what its clock says.
 *
 * @module
 */

import { encodeMessage, parseServerMessage, type StreamMessage } from "../../../shared/control.ts";
import { SourceError } from "../source.ts";
import type { PullSpec } from "./address.ts";
import { Deadline } from "./deadline.ts";
import { closed, inWords } from "./failures.ts";
import type { Asking } from "./http_body.ts";
import { monotonicNow, OriginEstimator } from "./origin_estimate.ts";

/** A generation's first bytes wait so long at most for what the clock says, so that their clock is told with them. */
const CLOCK_PATIENCE_MS = 250;
/** They are let go sooner when they are so many. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** Pings of a generation follow each other so: the first ones quickly, to find a quick one among them. */
const FIRST_PINGS_MS = [250, 250, 250];
const PING_MS = 2_500;
/** Questions whose answers are waited for. */
const MAX_ASKED = 8;
/** What is left out is told no more often. */
const SKIP_NOTE_MS = 60_000;
/** The other side has so long to say goodbye. */
const FAREWELL_MS = 1_000;

/** Nothing at this address speaks WebSocket: something else may be there. */
export class NoWebSocket extends SourceError {}

/** Reads until `signal` aborts; @throws {SourceError} when it ends, breaks or never begins. */
export async function pullSocket(
  spec: PullSpec,
  { url, asking }: { readonly url: string; readonly asking: Asking },
): Promise<void> {
  const { signal, client, silenceMs } = asking;
  const over = Promise.withResolvers<void>();
  const { authorization } = spec;
  // Deno's constructor takes headers and a client; a browser's types, which tests bring along, do not say so.
  const socket: WebSocket = Reflect.construct(WebSocket, [url, {
    headers: authorization === undefined ? {} : { authorization },
    ...(client ? { client } : {}),
  }]);
  socket.binaryType = "arraybuffer";
  using talk = new Talk(spec, { socket, asking });
  using deadline = new Deadline(silenceMs, () => {
    over.reject(
      new SourceError(`${spec.place} has been silent for ${Math.round(silenceMs / 1000)} s`),
    );
  });
  const gone = Promise.withResolvers<void>();
  const abort = (): void => over.resolve();
  signal.addEventListener("abort", abort);
  let isOpen = false;
  socket.onopen = () => void (isOpen = true);
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (signal.aborted) return;
    deadline.putOff();
    talk.take(data);
  };
  socket.onerror = (event) => {
    const { message } = event as ErrorEvent;
    const said = inWords(spec.place, new Error(message));
    over.reject(isOpen ? said : new NoWebSocket(said.message, { cause: said }));
  };
  socket.onclose = (event) => {
    gone.resolve();
    over.reject(new SourceError(closed(spec.place, event)));
  };
  try {
    await over.promise;
  } finally {
    signal.removeEventListener("abort", abort);
    if (socket.readyState < WebSocket.CLOSING) socket.close();
    await within(FAREWELL_MS, gone.promise);
  }
}

/** What comes on one connection. Hot: {@link Talk.take} runs once per message. */
class Talk implements Disposable {
  readonly #place: string;
  readonly #socket: WebSocket;
  readonly #asking: Asking;
  /** A generation's first bytes, while its clock is asked for. */
  #held: Uint8Array[] | undefined;
  #heldBytes = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #generation: number | undefined;
  #origin: OriginEstimator | undefined;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #pings = 0;
  /** When each question was asked. */
  readonly #asked = new Map<number | string, number>();
  #notedSkipAt = -Infinity;

  constructor(
    { place }: PullSpec,
    { socket, asking }: { readonly socket: WebSocket; readonly asking: Asking },
  ) {
    this.#place = place;
    this.#socket = socket;
    this.#asking = asking;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#ping);
  }

  take(data: string | ArrayBuffer): void {
    if (typeof data === "string") this.#read(data);
    else if (data.byteLength > 0) this.#media(new Uint8Array(data));
  }

  #media(bytes: Uint8Array): void {
    const { out } = this.#asking;
    if (this.#held === undefined) return out.data(bytes, out.now());
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#release();
  }

  #read(text: string): void {
    const message = parseServerMessage(text);
    if (message === undefined) return; // another kind of server, or a later relay's
    const { out } = this.#asking;
    switch (message.type) {
      case "stream":
        return this.#begin(message);
      case "offline":
        out.idle(`${this.#place} has no picture: ${message.reason.replace(/[.\s]+$/, "")}`);
        if (this.#ping === undefined) this.#ask(); // it is asked whether it lives
        return;
      case "skip":
        return this.#skipped(message.ms);
      case "pong":
        return this.#answered(message.id, message.t);
    }
  }

  #begin({ generation, clock }: StreamMessage): void {
    this.#release();
    // What follows does not continue what came, though it may be set up alike.
    if (this.#generation !== undefined) this.#asking.out.discontinuity("restart");
    this.#generation = generation;
    this.#origin = new OriginEstimator(clock.errorUs);
    this.#held = [];
    this.#patience = setTimeout(() => this.#release(), CLOCK_PATIENCE_MS);
    this.#pings = 0;
    this.#asked.clear();
    this.#ask();
  }

  #ask(): void {
    clearTimeout(this.#ping);
    this.#ping = setTimeout(() => this.#ask(), FIRST_PINGS_MS[this.#pings] ?? PING_MS);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const id = `${this.#generation ?? 0}.${this.#pings++}`;
    this.#asked.set(id, monotonicNow());
    for (const old of this.#asked.keys()) {
      if (this.#asked.size <= MAX_ASKED) break;
      this.#asked.delete(old);
    }
    this.#socket.send(encodeMessage({ type: "ping", id }));
  }

  #answered(id: number | string, their: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined || this.#origin === undefined) return;
    const came = monotonicNow();
    this.#origin.take(their, { asked, came });
    const estimate = this.#origin.estimate(came);
    if (estimate) this.#asking.out.originClock(estimate);
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#patience);
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    const { out } = this.#asking;
    for (const bytes of held) out.data(bytes, out.now());
  }

  #skipped(ms: number): void {
    const now = performance.now();
    if (now - this.#notedSkipAt < SKIP_NOTE_MS) return;
    this.#notedSkipAt = now;
    this.#asking.out.note(
      `The connection to ${this.#place} is too slow: ${Math.round(ms)} ms were left out`,
    );
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, ms);
  await Promise.race([work, patience.promise]);
  clearTimeout(timer);
}
