/**
 * A viewer over WebSocket that keeps nothing but the gaps: whether each picture follows the one before it, and how long
 * none came. For hours.
 *
 * @module
 */

import { parseServerMessage } from "../../shared/control.ts";
import { readFragments, readSampleDefaults } from "../../shared/mp4/fragment_reader.ts";

/** What it saw. */
export class SteadyViewer implements AsyncDisposable {
  pictures = 0;
  /** Init segments. */
  generations = 0;
  /** Messages other than media and its announcement: skips, offline. */
  readonly complaints: string[] = [];
  /** Where a picture did not follow the one before it: its number, and by how many ticks it was off. */
  readonly holes: string[] = [];
  /** Longest time without one, ms. */
  longestMs = 0;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<void>();
  #last = performance.now();
  #defaults: ReturnType<typeof readSampleDefaults> = new Map();
  #due: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#take(data);
    socket.onclose = () => {
      this.complaints.push("closed");
      this.#closed.resolve();
    };
  }

  /** @param url of the stream's page. */
  static async open(url: string): Promise<SteadyViewer> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`);
    const viewer = new SteadyViewer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${url}/ws cannot be opened.`));
    });
    return viewer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      if (parseServerMessage(data)?.type !== "stream") this.complaints.push(data);
      return;
    }
    const bytes = new Uint8Array(data);
    if (bytes[4] === 0x66) { // ftyp
      this.generations++;
      this.#defaults = readSampleDefaults(bytes);
      this.#due = undefined;
      return;
    }
    for (const { tracks: [run] } of readFragments(bytes, { defaults: this.#defaults })) {
      if (run?.track === 1) this.#picture(run.dts ?? 0, run.duration);
    }
  }

  #picture(dts: number, duration: number): void {
    const now = performance.now();
    if (this.pictures > 0) this.longestMs = Math.max(this.longestMs, now - this.#last);
    this.#last = now;
    this.pictures++;
    // Durations are estimates from the past, and a clip's seam is no picture wide; one that is missing is a whole one.
    const off = this.#due === undefined ? 0 : dts - this.#due;
    if (Math.abs(off) > 0.9 * duration) this.holes.push(`picture ${this.pictures}: ${off}`);
    this.#due = dts + duration;
  }
}
