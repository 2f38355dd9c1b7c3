/**
 * A client of Live Stream Server: says what the original's page and devices say, message by message. Its pictures are
 * made by ffmpeg, its sound is a tone.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";
import { run } from "./run.ts";

/** Samples a second of its sound. */
const SAMPLE_RATE = 44_100;

/** So many different JPEG pictures. */
export async function jpegPictures(
  count: number,
  size = "320x240",
): Promise<Uint8Array<ArrayBuffer>[]> {
  const folder = await Deno.makeTempDir({ prefix: "rill-jpeg-" });
  try {
    await run("ffmpeg", [
      ...["-v", "error", "-f", "lavfi", "-i", `testsrc=size=${size}:rate=15`],
      ...["-frames:v", String(count), join(folder, "%04d.jpg")],
    ]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    return names.map((name) => Deno.readFileSync(join(folder, name)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A tone of so many ms, 16 bits, one channel. */
export function tone(ms: number, hertz = 440): Uint8Array<ArrayBuffer> {
  const samples = Math.round(SAMPLE_RATE * ms / 1000);
  const view = new DataView(new ArrayBuffer(samples * 2));
  for (let i = 0; i < samples; i++) {
    view.setInt16(i * 2, 8000 * Math.sin(2 * Math.PI * hertz * i / SAMPLE_RATE), true);
  }
  return new Uint8Array(view.buffer);
}

/** A connected client. */
export class LiveStreamClient implements AsyncDisposable {
  /** What it was sent. */
  readonly received: string[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.onclose = resolve);
    socket.onmessage = ({ data }) => void this.received.push(String(data));
  }

  /** Connects to `http://…`. */
  static async connect(url: string): Promise<LiveStreamClient> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/`);
    const client = new LiveStreamClient(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = (event) => {
        const why = event instanceof ErrorEvent ? event.message : "no reason given";
        reject(new Error(`${url} cannot be opened: ${why}`));
      };
    });
    return client;
  }

  /** Any text. */
  say(text: string): void {
    this.#socket.send(text);
  }

  hello(id: unknown): void {
    this.say(JSON.stringify({ eventType: "CONNECT", id }));
  }

  picture(jpeg: Uint8Array): void {
    this.#stream("VIDEO", jpeg);
  }

  sound(pcm: Uint8Array): void {
    this.#stream("AUDIO", pcm);
  }

  /** Its recording is complete; the connection stays. */
  finish(): void {
    this.say(JSON.stringify({ eventType: "CLOSE" }));
  }

  /** Goes. */
  async leave(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  #stream(mediaSourceType: string, bytes: Uint8Array): void {
    const encodedMediaChunk = Buffer.from(bytes).toString("base64");
    this.say(JSON.stringify({ eventType: "STREAM", mediaSourceType, encodedMediaChunk }));
  }
}
