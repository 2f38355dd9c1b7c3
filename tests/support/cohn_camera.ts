/**
 * A GoPro on the home's network on this machine: HTTPS with a certificate of its own authority, a name and a password.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Identity, issue } from "../../relay/certificates/x509.ts";
import { gopro, openGoPro } from "../../relay/sources/gopro/gopro.ts";
import { goProGroups } from "./gopro_datagrams.ts";
import { openGoPro as openCamera } from "./gopro_firmware_open.ts";
import { TIMINGS } from "./gopro_scene.ts";
import { RecordingOutput } from "./source_output.ts";
import { freeUdpPort, UdpSender } from "./ports.ts";

const DAY_MS = 86_400_000;
const LIFE = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
const USER = "gopro";
const PASSWORD = "yXz 9:%";
/** Sent at once, with a pause behind: a socket holds more. */
const BURST = 33;

/** An authority that cameras are given when they are set up. */
export const authorityOf = (subject: string): Promise<Identity> =>
  issue({ subject, ...LIFE, permits: { dns: ["gopro.local"], ip: [] } });

/** A camera whose certificate names no address that anyone asks for; what a start request starts, `begin` does. */
async function camera(authority: Identity, begin: () => void): Promise<Server> {
  const leaf = await issue({
    subject: "GoPro",
    ...LIFE,
    names: { dns: ["gopro.local"], ip: [] },
    issuer: authority,
  });
  const firmware = openCamera({ model: "HERO12 Black", firmware: "H23.01.02.32.00" });
  const expected = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;
  const server = createServer({ key: leaf.key, cert: leaf.certificate }, (request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401).end();
      return;
    }
    const { status, body, starts } = firmware(request.url ?? "/", {});
    if (starts) begin();
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Watches a camera whose certificate `actual` made by one that is told to believe `pinned`. */
export async function watchAtHome(
  pinned: Identity,
  actual: Identity,
  play: (out: RecordingOutput, running: Promise<void>) => Promise<void>,
  { password = PASSWORD, timings = TIMINGS, datagrams = goProGroups(1, 33) } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const streamPort = freeUdpPort();
  using sender = new UdpSender(streamPort);
  const sending: Promise<void>[] = [];
  const server = await camera(actual, () => void sending.push(send(sender, datagrams)));
  const controller = new AbortController();
  try {
    const file = join(folder, "camera.crt");
    await Deno.writeTextFile(file, pinned.certificate);
    const { port } = server.address() as AddressInfo;
    const credentials = `${USER}:${encodeURIComponent(password)}`;
    const spec = gopro.parse(
      `gopro://${credentials}@127.0.0.1:${port}?udp=${streamPort}&cohn=${file}`,
    );
    const out = new RecordingOutput();
    const running = openGoPro(spec, timings).run(out, controller.signal);
    await play(out, running);
    controller.abort();
    await running.catch(() => undefined);
    const said = JSON.stringify(out.calls.filter(({ kind }) => kind !== "data"));
    assert.ok(!said.includes(PASSWORD) && !said.includes(credentials), "no secret is told");
    assert.equal(spec.label.includes("@"), false, spec.label);
  } finally {
    controller.abort();
    await Promise.all(sending);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
}

async function send(sender: UdpSender, datagrams: readonly Uint8Array[]): Promise<void> {
  for (let at = 0; at < datagrams.length; at += BURST) {
    await sender.send(...datagrams.slice(at, at + BURST));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
