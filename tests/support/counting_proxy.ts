/**
 * An HTTP proxy on this machine that lets everything through by CONNECT (RFC 9110 §9.3.6) and counts what
 * comes back: how much a command downloads, encryption included. Sees no content.
 *
 * @module
 */

/** A running proxy. */
export interface CountingProxy extends AsyncDisposable {
  /** For `HTTPS_PROXY`. */
  readonly url: string;
  /** Bytes that came from each host, by name. */
  readonly received: ReadonlyMap<string, number>;
}

const MAX_HEAD_BYTES = 16_384;

/** Starts a proxy on a free loopback port. */
export function startCountingProxy(): CountingProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received = new Map<string, number>();
  const open = new Set<Disposable>();
  const tunnels = new Set<Promise<void>>();
  const accepting = (async (): Promise<void> => {
    for await (const client of listener) {
      const tunnel = serve(client, { received, open }).finally(() => tunnels.delete(tunnel));
      tunnels.add(tunnel);
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    received,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      for (const connection of open) connection[Symbol.dispose]();
      await Promise.all([accepting, ...tunnels]);
    },
  };
}

interface Books {
  readonly received: Map<string, number>;
  readonly open: Set<Disposable>;
}

async function serve(client: Deno.TcpConn, { received, open }: Books): Promise<void> {
  using stack = new DisposableStack();
  const keep = (connection: Deno.TcpConn): void => {
    open.add(connection);
    stack.defer(() => {
      open.delete(connection);
      close(connection);
    });
  };
  keep(client);
  try {
    const head = await readHead(client);
    const [, host = "", port = ""] = /^CONNECT ([^:\s]+):(\d+) /.exec(head) ?? [];
    if (host === "") {
      await client.write(new TextEncoder().encode("HTTP/1.1 405 Method Not Allowed\r\n\r\n"));
      return;
    }
    const server = await Deno.connect({ hostname: host, port: Number(port) });
    keep(server);
    await client.write(new TextEncoder().encode("HTTP/1.1 200 Connection Established\r\n\r\n"));
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller): void {
        received.set(host, (received.get(host) ?? 0) + chunk.length);
        controller.enqueue(chunk);
      },
    });
    await Promise.all([
      client.readable.pipeTo(server.writable),
      server.readable.pipeThrough(count).pipeTo(client.writable),
    ]);
  } catch (error) {
    // A tunnel ends when either side hangs up, however rudely; the command at its end says if that mattered.
    if (!(error instanceof Error)) throw error;
  }
}

async function readHead(client: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const count = await client.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    const head = new TextDecoder().decode(buffer.subarray(0, length));
    if (head.includes("\r\n\r\n")) return head;
  }
  return "";
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // closed by its streams
  }
}
