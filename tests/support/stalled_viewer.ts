/**
 * A viewer that stops reading: a raw socket that upgrades to WebSocket (RFC 6455), leaves everything in the
 * kernel's buffers, and reads on when told to.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";
import { parseServerMessage, type SkipMessage } from "../../shared/control.ts";
import {
  type FragmentInfo,
  readFragment,
  readSampleDefaults,
} from "../../shared/mp4/fragment_reader.ts";
import { PATIENCE_MS } from "./patience.ts";

/** What it found when it read again. */
export interface ReadAgain {
  /** Bytes before the skip message, headers of frames included. */
  readonly bytes: number;
  readonly message: SkipMessage;
  /** First picture or sound after it. */
  readonly next: FragmentInfo;
}

const OPCODE = { text: 1, binary: 2 } as const;

/** One connection. */
export class StalledViewer implements Disposable {
  readonly #socket: Deno.TcpConn;
  #buffer: Uint8Array;

  private constructor(socket: Deno.TcpConn, rest: Uint8Array) {
    this.#socket = socket;
    this.#buffer = rest;
  }

  /** Upgrades, reads the answer's head and nothing more. */
  static async open(port: number, path: string): Promise<StalledViewer> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    const request = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "",
      "",
    ].join("\r\n");
    await socket.write(new TextEncoder().encode(request));
    let head: Uint8Array = new Uint8Array();
    for (;;) {
      head = concatBytes([head, await readSome(socket)]);
      const end = new TextDecoder("latin1").decode(head).indexOf("\r\n\r\n");
      if (end < 0) continue;
      const status = new TextDecoder().decode(head.subarray(0, 12));
      if (status !== "HTTP/1.1 101") throw new Error(`The upgrade was answered by ${status}.`);
      return new StalledViewer(socket, head.subarray(end + 4));
    }
  }

  /** Reads until the relay says that it left media out, and the media after that. */
  async readUntilSkip(): Promise<ReadAgain> {
    const end = performance.now() + PATIENCE_MS;
    let bytes = 0;
    let message: SkipMessage | undefined;
    let defaults: ReturnType<typeof readSampleDefaults> = new Map();
    while (performance.now() < end) {
      const frame = await this.#frame();
      if (frame.opcode === OPCODE.text) {
        const said = parseServerMessage(new TextDecoder().decode(frame.payload));
        if (said?.type === "skip") message = said;
      } else if (frame.opcode === OPCODE.binary) {
        const payload = frame.payload.slice();
        const next = readFragment(payload, { defaults });
        if (next === undefined) defaults = readSampleDefaults(payload);
        else if (message) return { bytes, message, next };
      }
      if (message === undefined) bytes += frame.byteLength;
    }
    throw new Error(`No skip within ${PATIENCE_MS} ms and ${bytes} bytes.`);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  /** RFC 6455 §5.2; a server does not mask. */
  async #frame(): Promise<
    { readonly opcode: number; readonly payload: Uint8Array; readonly byteLength: number }
  > {
    const [first = 0, second = 0] = await this.#peek(2);
    const short = second & 0x7f;
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    const head = await this.#peek(headBytes);
    const view = new DataView(head.buffer, head.byteOffset, headBytes);
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    const whole = await this.#peek(headBytes + length);
    this.#buffer = this.#buffer.subarray(whole.length);
    return {
      opcode: first & 0x0f,
      payload: whole.subarray(headBytes),
      byteLength: whole.length,
    };
  }

  async #peek(count: number): Promise<Uint8Array> {
    const parts = [this.#buffer];
    let have = this.#buffer.length;
    while (have < count) {
      const part = await readSome(this.#socket);
      parts.push(part);
      have += part.length;
    }
    if (parts.length > 1) this.#buffer = concatBytes(parts);
    return this.#buffer.subarray(0, count);
  }
}

async function readSome(socket: Deno.TcpConn): Promise<Uint8Array> {
  const buffer = new Uint8Array(65_536);
  const count = await socket.read(buffer);
  if (count === null) throw new Error("The relay has ended the connection.");
  return buffer.subarray(0, count);
}
