/**
 * An HTTP/1.1 server that answers byte for byte what a test says, a request a connection, and hangs up.
 *
 * @module
 */

/** What is sent to whoever asks for `target`; nothing keeps them waiting. */
export type RawAnswer = (target: string) => string | undefined | void;

/** Listens on loopback until it is disposed of. */
export class RawServer implements Disposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();

  constructor(answer: RawAnswer) {
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    void this.#accept(answer);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) connection.close();
  }

  async #accept(answer: RawAnswer): Promise<void> {
    for await (const connection of this.#listener) void this.#serve(connection, answer);
  }

  async #serve(connection: Deno.TcpConn, answer: RawAnswer): Promise<void> {
    this.#open.add(connection);
    const head = new Uint8Array(8192); // a request without a body comes in one piece over loopback
    const length = await connection.read(head) ?? 0;
    const [, target = ""] = new TextDecoder().decode(head.subarray(0, length)).split(" ");
    const text = answer(target);
    if (text === undefined) return;
    await connection.write(new TextEncoder().encode(text));
    this.#open.delete(connection);
    connection.close();
  }
}
