/**
 * `quic_faults.ts FAULT`: whether a fault of Deno's QUIC that the relay works around is still there; prints `there` or
 * `gone`. A program of its own, since one of them needs the garbage collector at hand. Uses nothing of the relay but
 * its certificates.
 *
 * @module
 */

import { openShortLivedCertificate } from "../../relay/certificates/short_lived.ts";
import { Log } from "../../relay/log.ts";

/** A stream's end has so long to arrive over loopback. */
const PATIENCE_MS = 1_500;

const certificate = await openShortLivedCertificate({
  log: new Log({ level: "error", format: "text", write: () => {} }),
});
const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: 0 });

function listen(): Deno.QuicListener {
  const { certificate: cert, key } = certificate.current;
  return endpoint.listen({ cert, key, alpnProtocols: ["h3"] });
}

async function connect(): Promise<WebTransport> {
  const session = new WebTransport(`https://127.0.0.1:${endpoint.addr.port}/`, {
    serverCertificateHashes: certificate.hashes.map((value) => ({ algorithm: "sha-256", value })),
  });
  void Promise.allSettled([session.closed]);
  await session.ready;
  return session;
}

async function accept(listener: Deno.QuicListener): Promise<WebTransport> {
  return await Deno.upgradeWebTransport(await listener.accept());
}

/** denoland/deno#36822: a stream opened through the `WebTransport` object never ends. */
async function endIsNotSent(): Promise<boolean> {
  const [client, server] = await Promise.all([connect(), accept(listen())]);
  const sending = await server.createUnidirectionalStream();
  const writer = sending.getWriter();
  await writer.write(Uint8Array.of(1));
  await writer.close();
  const { value: receiving } = await client.incomingUnidirectionalStreams.getReader().read();
  const reader = receiving?.getReader();
  if (!reader) return true;
  await reader.read();
  const ended = (async (): Promise<boolean> => (await reader.read()).done)();
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  return !(await Promise.race([ended, late]));
}

/** An endpoint lets nobody in once a listener of it is garbage, though another listens. */
async function garbageCloses(): Promise<boolean> {
  const kept = listen();
  listen(); // and forgotten
  await new Promise((resolve) => setTimeout(resolve, 50));
  (globalThis as { gc?: () => void }).gc?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  void Promise.allSettled([accept(kept)]);
  const [{ status }] = await Promise.allSettled([connect()]);
  return status === "rejected";
}

/** A stream that is aborted comes to its end like one that is whole, instead of being reset (RFC 9000 §3.1). */
async function abortEnds(): Promise<boolean> {
  const listener = listen();
  const accepting = (async (): Promise<Deno.QuicConn> => {
    const connection = await listener.accept();
    await Deno.upgradeWebTransport(connection);
    return connection;
  })();
  const [client, connection] = await Promise.all([connect(), accepting]);
  const writer = (await connection.createUnidirectionalStream()).getWriter();
  await writer.write(Uint8Array.of(0x40, 0x54, 0x00, 1)); // WebTransport's header, and a byte
  const { value: receiving } = await client.incomingUnidirectionalStreams.getReader().read();
  const reader = receiving?.getReader();
  if (!reader) return true;
  await reader.read();
  void Promise.allSettled([writer.abort()]);
  const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  const [{ status }] = await Promise.allSettled([Promise.race([reader.read(), late])]);
  return status === "fulfilled";
}

const faults: Readonly<Record<string, () => Promise<boolean>>> = {
  endIsNotSent,
  abortEnds,
  garbageCloses,
};
const fault = faults[Deno.args[0] ?? ""];
if (fault === undefined) throw new Error(`FAULT is one of ${Object.keys(faults).join(", ")}`);
const there = await fault();
await Deno.stdout.write(new TextEncoder().encode(there ? "there" : "gone"));
Deno.exit();
