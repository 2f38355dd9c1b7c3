/**
 * vw's clients: curl at its REST API and at `/ts/{feed}`, websocat at `/ws/{feed}`.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** What vw answered. */
export interface VwAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A client of one vw. */
export class VwClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async ask(method: string, path: string, body?: string): Promise<VwAnswer> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    const type = response.headers.get("content-type") ?? "";
    return { status: response.status, type, text: await response.text() };
  }

  /** A destination rule. @throws unless it was taken. */
  async destination(
    rule: { id: string; stream: string; destination: string; token?: string },
  ): Promise<void> {
    const { status, text } = await this.ask("POST", "/api/destinations", JSON.stringify(rule));
    if (status !== 200) throw new Error(`No destination: ${text}`);
  }

  /** A stream rule. @throws unless it was taken. */
  async stream(stream: string, feeds: readonly string[]): Promise<void> {
    const { status, text } = await this.ask(
      "POST",
      "/api/streams",
      JSON.stringify({ stream, feeds }),
    );
    if (status !== 200) throw new Error(`No stream: ${text}`);
  }

  /** A whole body to a feed. */
  async feed(name: string, body: Bytes): Promise<void> {
    const response = await fetch(`${this.url}/ts/${name}`, { method: "POST", body });
    await response.body?.cancel();
    if (response.status !== 200) throw new Error(`/ts/${name} answered ${response.status}`);
  }
}

/** A WebSocket of one topic. */
export class VwSocket implements AsyncDisposable {
  readonly messages: (string | Bytes)[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.messages.push(typeof data === "string" ? data : new Uint8Array(data));
    };
    this.closed = new Promise((resolve) => socket.onclose = resolve);
  }

  /** @throws when it is not let in. */
  static async open(url: string, feed: string): Promise<VwSocket> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws/${feed}`, "null");
    const client = new VwSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`/ws/${feed} cannot be opened.`));
    });
    return client;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(message: string | Bytes): void {
    this.#socket.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
    await this.closed;
  }
}
