/**
 * HTTP/1.1 by hand over TCP: requests that no well-behaved client sends, and connections that are not read.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";

/** One connection. */
export class RawClient implements Disposable {
  readonly #socket: Deno.TcpConn;
  #parts: Uint8Array[] = [];
  /** Bytes read so far. */
  length = 0;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects and sends a request line and headers; reads nothing. */
  static async request(
    port: number,
    line: string,
    headers: readonly string[] = [],
    host = `127.0.0.1:${port}`,
  ): Promise<RawClient> {
    const client = new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    await client.send([line, `Host: ${host}`, ...headers, "", ""].join("\r\n"));
    return client;
  }

  /** Asks for a WebSocket and waits for the answer's head. */
  static async webSocket(port: number, path: string): Promise<RawClient> {
    const client = await RawClient.request(port, `GET ${path} HTTP/1.1`, [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]);
    await client.until((text) => text.includes("\r\n\r\n"));
    return client;
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let sent = 0; sent < bytes.length;) sent += await this.#socket.write(bytes.subarray(sent));
  }

  /** Everything read so far. */
  get received(): Uint8Array {
    this.#parts = [concatBytes(this.#parts)];
    return this.#parts[0] ?? new Uint8Array();
  }

  /** Reads until what was read, as Latin-1, is enough; `false` when the connection ended before. */
  async until(enough: (text: string) => boolean): Promise<boolean> {
    const decoder = new TextDecoder("latin1");
    while (!enough(decoder.decode(this.received))) {
      if (!await this.read()) return false;
    }
    return true;
  }

  /** Reads once; `false` at the end. */
  async read(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#socket.read(buffer).catch((error: unknown) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (count === null) return false;
    this.#parts.push(buffer.subarray(0, count));
    this.length += count;
    return true;
  }

  /** Reads to the end. */
  async rest(): Promise<string> {
    while (await this.read());
    return new TextDecoder("latin1").decode(this.received);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
