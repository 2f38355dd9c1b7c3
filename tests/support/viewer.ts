/**
 * A viewer over WebSocket (contract §5) that keeps what it gets and can be asked to wait. Reads MP4 with
 * `shared/`, plays nothing.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { parseServerMessage, type ServerMessage } from "../../shared/control.ts";
import {
  type FragmentInfo,
  readFragments,
  readSampleDefaults,
} from "../../shared/mp4/fragment_reader.ts";
import { PATIENCE_MS } from "./patience.ts";

/** A message as it came; an init segment has no fragments. */
export interface MediaMessage {
  readonly bytes: Bytes;
  readonly fragments: readonly FragmentInfo[];
  /** Counts init segments: 1 for what follows the first. */
  readonly generation: number;
}

/** A connected viewer. */
export class Viewer implements AsyncDisposable {
  readonly control: ServerMessage[] = [];
  readonly media: MediaMessage[] = [];
  /** Called at once for each message, after it was kept. */
  onMessage: (() => void) | undefined;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<CloseEvent>();
  readonly #waiting = new Set<() => void>();
  #generation = 0;
  #defaults: ReturnType<typeof readSampleDefaults> = new Map();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#take(data);
    socket.onclose = (event) => this.#closed.resolve(event);
  }

  /** @param url of the stream's page, `http://…/live/{name}`. */
  static async open(url: string): Promise<Viewer> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`);
    const viewer = new Viewer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${url}/ws cannot be opened.`));
    });
    return viewer;
  }

  /** Resolves when the other side, or {@link Viewer.close}, has ended the connection. */
  get closed(): Promise<CloseEvent> {
    return this.#closed.promise;
  }

  /** Fragments of one track of one generation, in the order they came. */
  fragments(track: number, generation = this.#generation): FragmentInfo[] {
    return this.media.filter((message) => message.generation === generation)
      .flatMap((message) => message.fragments)
      .filter((fragment) => fragment.tracks[0]?.track === track);
  }

  /** The newest `stream` message. */
  get stream(): Extract<ServerMessage, { type: "stream" }> | undefined {
    return this.control.findLast((message) => message.type === "stream");
  }

  /** Track id of the pictures of the newest generation. @throws before the first. */
  get pictures(): number {
    const track = this.stream?.tracks.find(({ kind }) => kind === "video");
    if (track === undefined) throw new Error("No picture track has been announced.");
    return track.id;
  }

  /** Resolves with the first truthy answer; asked again after each message. */
  async until<T>(
    ask: () => T,
    { what, timeoutMs = PATIENCE_MS }: { readonly what: string; readonly timeoutMs?: number },
  ): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const answer = ask();
      if (answer) return answer;
      if (performance.now() >= end) {
        throw new Error(
          `Waited ${timeoutMs} ms for ${what}; ${this.media.length} media messages came, and ` +
            JSON.stringify(this.control.slice(-5)),
        );
      }
      await this.#nextMessage(end - performance.now());
    }
  }

  async close(): Promise<void> {
    if (this.#socket.readyState < WebSocket.CLOSING) this.#socket.close();
    await this.#closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #nextMessage(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#waiting.add(done);
    });
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      const message = parseServerMessage(data);
      if (message === undefined) throw new Error(`The relay sent what we cannot read: ${data}`);
      this.control.push(message);
    } else {
      this.#takeMedia(new Uint8Array(data));
    }
    this.onMessage?.();
    for (const wake of [...this.#waiting]) wake();
  }

  #takeMedia(bytes: Bytes): void {
    const type = new TextDecoder().decode(bytes.subarray(4, 8));
    if (type === "ftyp") {
      this.#generation++;
      this.#defaults = readSampleDefaults(bytes);
    }
    const fragments = type === "ftyp"
      ? []
      : [...readFragments(bytes, { defaults: this.#defaults })];
    this.media.push({ bytes, fragments, generation: this.#generation });
  }
}
