/**
 * Media as a WebSocket's binary messages; another Rill's text messages are understood (contract §5): what it leaves
 * out, when it has no picture, and what its clock says.
 *
 * @module
 */

import { parseServerMessage, type StreamMessage } from "../../../shared/control.ts";
import { SourceError } from "../source.ts";
import type { PullSpec } from "./address.ts";
import { Deadline } from "./deadline.ts";
import { closed, inWords } from "./failures.ts";
import type { Asking } from "./http_body.ts";
import { OriginTalk } from "./origin_talk.ts";
import { silent, type Step } from "./steps.ts";

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
  let step: Step = "asked";
  using deadline = new Deadline(silenceMs, () => {
    const { place } = spec;
    void silent({ place, url, step, ms: silenceMs, signal }).then(over.reject);
  });
  const gone = Promise.withResolvers<void>();
  const abort = (): void => over.resolve();
  signal.addEventListener("abort", abort);
  socket.onopen = () => {
    step = "answered";
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (signal.aborted) return;
    step = "sent";
    deadline.putOff();
    talk.take(data);
  };
  socket.onerror = (event) => {
    const { message } = event as ErrorEvent;
    const said = inWords(spec.place, new Error(message));
    over.reject(step !== "asked" ? said : new NoWebSocket(said.message, { cause: said }));
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
  readonly #asking: Asking;
  readonly #origin: OriginTalk;
  #generation: number | undefined;
  #notedSkipAt = -Infinity;

  constructor(
    { place }: PullSpec,
    { socket, asking }: { readonly socket: WebSocket; readonly asking: Asking },
  ) {
    this.#place = place;
    this.#asking = asking;
    const { out } = asking;
    this.#origin = new OriginTalk({
      say: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      give: (bytes) => out.data(bytes, out.now()),
      found: (estimate) => out.originClock(estimate),
    });
  }

  [Symbol.dispose](): void {
    this.#origin[Symbol.dispose]();
  }

  take(data: string | ArrayBuffer): void {
    if (typeof data === "string") this.#read(data);
    else if (data.byteLength > 0) this.#origin.media(new Uint8Array(data));
  }

  #read(text: string): void {
    const message = parseServerMessage(text);
    if (message === undefined) return; // another kind of server, or a later relay's
    const { out } = this.#asking;
    switch (message.type) {
      case "stream":
        return this.#begin(message);
      case "offline":
        out.idle(noPicture(this.#place, message.reason));
        if (!this.#origin.asks) this.#origin.ask(); // it is asked whether it lives
        return;
      case "skip":
        return this.#skipped(message.ms);
      case "pong":
        return this.#origin.answered(message.id, message.t);
    }
  }

  #begin({ generation, clock }: StreamMessage): void {
    this.#origin.release();
    // What follows does not continue what came, though it may be set up alike.
    if (this.#generation !== undefined) this.#asking.out.discontinuity("restart");
    this.#generation = generation;
    this.#origin.begin(generation, clock.errorUs);
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

/**
 * Why there is none. Where the other side's reason is what this relay has said of it, each waits for the other: their
 * sentences would grow round by round.
 */
function noPicture(place: string, reason: string): string {
  const sentence = `${place} has no picture`;
  return reason.includes(sentence)
    ? `${sentence}: it takes this stream from the relay that takes it from there; one of them needs a camera`
    : `${sentence}: ${reason.replace(/[.\s]+$/, "")}`;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, ms);
  await Promise.race([work, patience.promise]);
  clearTimeout(timer);
}
