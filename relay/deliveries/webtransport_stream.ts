/**
 * A group's stream, opened on the raw QUIC connection with WebTransport's header written by hand (RFC 9000 §2,
 * draft-ietf-webtrans-http3 §4.2): a stream opened through Deno's `WebTransport` object never sends its end, and the
 * 103rd throws (denoland/deno#36822). The one home of that workaround; its test says when it can go.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { encodeGroupHeader, type GroupHeader } from "../../shared/webtransport.ts";

/** Stream type 0x54 as a two-byte integer, then session 0: the connection's first stream, and its only session. */
const WEBTRANSPORT_STREAM = [0x40, 0x54, 0x00] as const;

/** Where group streams are opened. */
export type StreamOpener = Pick<Deno.QuicConn, "createUnidirectionalStream">;

/** One group on its way. Whatever is given to it is by reference, and never changes. */
export class GroupStream {
  readonly ordinal: number;
  /** Media bytes given to it. */
  pushed = 0;
  /** Media bytes that the viewer has taken. */
  taken = 0;
  /** Of them, those of the picture that it begins with. */
  #first = 0;
  #stream: Deno.QuicSendStream | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #waiting: Bytes[] = [];
  #sendOrder: number;
  #state: "open" | "ended" | "dead" = "open";

  /** @param sendOrder of two streams with something to send, the one with the higher goes first; alike, in turns */
  constructor(connection: StreamOpener, header: GroupHeader, sendOrder: number) {
    this.ordinal = header.ordinal;
    this.#sendOrder = sendOrder;
    this.#waiting.push(new Uint8Array([...WEBTRANSPORT_STREAM, ...encodeGroupHeader(header)]));
    // A viewer that grants no more streams is waited for, and its backlog counted meanwhile.
    connection.createUnidirectionalStream({ waitUntilAvailable: true })
      .then((stream) => this.#opened(stream), () => this.#die());
  }

  /** Bytes that the viewer has yet to take. */
  get outstanding(): number {
    return this.#state === "dead" ? 0 : this.pushed - this.taken;
  }

  /** Whether the viewer has taken all that was given to it. */
  get delivered(): boolean {
    return this.taken >= this.pushed;
  }

  /** More of the group. */
  push(bytes: Bytes): void {
    if (this.#state !== "open") return;
    if (this.pushed === 0) this.#first = bytes.length;
    this.pushed += bytes.length;
    this.#send(bytes);
  }

  /** From now on it is sent before streams of lower order. */
  lead(sendOrder: number): void {
    this.#sendOrder = sendOrder;
    this.#setOrder();
  }

  /** The group is whole: its end is sent behind what was given to it. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#writer?.close().catch(() => this.#die());
  }

  /** Whether the viewer has the picture that it begins with. */
  get seen(): boolean {
    return this.pushed > 0 && this.taken >= this.#first;
  }

  /** The viewer is told that the rest is not worth its while: it says that it is done, and then the rest is dropped. */
  giveUp(): void {
    this.#die();
  }

  /** Nobody wants the rest. (A reset would be in order; Deno sends one where the viewer has stopped reading.) */
  drop(): void {
    const writer = this.#writer;
    this.#die();
    void Promise.allSettled([writer?.abort()]); // it may be gone already
  }

  #opened(stream: Deno.QuicSendStream): void {
    this.#stream = stream;
    this.#setOrder();
    const writer = stream.getWriter();
    writer.closed.catch(() => this.#die()); // the viewer stopped it, or is gone
    if (this.#state === "dead") { // dropped before it came about
      void Promise.allSettled([writer.abort()]);
      return;
    }
    this.#writer = writer;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.#send(bytes);
    if (this.#state === "ended") writer.close().catch(() => this.#die());
  }

  #setOrder(): void {
    if (!this.#stream || this.#state === "dead") return;
    try {
      this.#stream.sendOrder = this.#sendOrder;
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it is sent to its end, or the connection is gone
    }
  }

  #send(bytes: Bytes): void {
    if (this.#writer) this.#writer.write(bytes).catch(() => this.#die());
    else this.#waiting.push(bytes);
  }

  #die(): void {
    this.#state = "dead";
    this.#waiting = [];
  }
}
