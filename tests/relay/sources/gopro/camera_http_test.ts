/** Requests to servers that answer well, badly, late and never. */
import assert from "node:assert/strict";
import { type Answer, cameraGet } from "../../../../relay/sources/gopro/camera_http.ts";

/** Writes until all is written or nobody reads any more. */
async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const count = await connection.write(bytes.subarray(written)).catch(() => undefined);
    if (count === undefined) return;
    written += count;
  }
}

/** Asks a server that answers every request with `reply`, or with nothing when there is none. */
async function ask(
  reply: string | undefined,
  { timeoutMs = 5000, signal = new AbortController().signal } = {},
): Promise<Answer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const serving = (async () => {
    const connection = await listener.accept();
    const buffer = new Uint8Array(4096);
    await connection.read(buffer);
    if (reply === undefined) await connection.read(buffer).catch(() => null);
    else await writeAll(connection, new TextEncoder().encode(reply));
    connection.close();
  })();
  try {
    return await cameraGet({ host: "127.0.0.1", httpPort: port }, { signal, timeoutMs })("/x");
  } finally {
    listener.close();
    await serving;
  }
}

Deno.test("an answer is its status and body", async () => {
  assert.deepEqual(await ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), {
    kind: "answered",
    status: 200,
    body: new TextEncoder().encode("hi"),
  });
  assert.deepEqual(await ask("HTTP/1.0 500 Oh\r\n\r\nuntil the end"), {
    kind: "answered",
    status: 500,
    body: new TextEncoder().encode("until the end"),
  });
});

Deno.test("a status line that is none is an answer nobody can read", async () => {
  for (const line of ["HTTP/1.1 \r\n\r\n", "200 OK\r\n\r\n", "\x00\x01\x02\x03"]) {
    assert.deepEqual(await ask(line), { kind: "unreadable" });
  }
});

Deno.test("silence, refusal and a closed connection are told apart", async () => {
  assert.deepEqual(await ask(undefined, { timeoutMs: 50 }), { kind: "failed", why: "timeout" });
  assert.deepEqual(await ask(""), { kind: "failed", why: "closed" });
  assert.deepEqual(await ask("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"), {
    kind: "failed",
    why: "closed",
  });
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  const get = cameraGet({ host: "127.0.0.1", httpPort: port }, {
    signal: new AbortController().signal,
    timeoutMs: 5000,
  });
  assert.deepEqual(await get("/x"), { kind: "failed", why: "refused" });
});

Deno.test("an answer without end is not kept", async () => {
  const endless = "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(5 * 1024 * 1024);
  assert.equal((await ask(endless)).kind, "unreadable");
});

Deno.test("an abort throws", async () => {
  const controller = new AbortController();
  const asking = ask(undefined, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(asking, { name: "AbortError" });
});
