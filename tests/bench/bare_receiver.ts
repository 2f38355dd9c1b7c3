/**
 * The least a Deno program can do with a camera's datagrams: reads them into one buffer and throws them away, in a
 * worker, as the relay must (what serves viewers must not keep the camera waiting). `bare_receiver.ts PORT`
 *
 * @module
 */

async function receive(port: number): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(65_535);
  Deno.stdout.writeSync(new TextEncoder().encode("listening\n"));
  for (;;) await socket.receive(buffer);
}

// A worker has the program's arguments too.
const [port = ""] = Deno.args;
if ("WorkerGlobalScope" in globalThis) await receive(Number(port));
else new Worker(import.meta.url, { type: "module" });
