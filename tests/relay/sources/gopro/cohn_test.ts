/** A GoPro on the home's network: HTTPS with a pinned authority, a name and a password. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Identity, issue } from "../../../../relay/certificates/x509.ts";
import { gopro, openGoPro } from "../../../../relay/sources/gopro/gopro.ts";
import { goProGroups } from "../../../support/gopro_datagrams.ts";
import { openGoPro as openCamera } from "../../../support/gopro_firmware_open.ts";
import { IMPATIENT, TIMINGS } from "../../../support/gopro_scene.ts";
import { RecordingOutput } from "../../../support/source_output.ts";
import { freeUdpPort, UdpSender } from "../../../support/udp_ports.ts";

const DAY_MS = 86_400_000;
const LIFE = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
const USER = "gopro";
const PASSWORD = "yXz 9:%";

const authorityOf = (subject: string): Promise<Identity> =>
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

async function watch(
  pinned: Identity,
  actual: Identity,
  play: (out: RecordingOutput, running: Promise<void>) => Promise<void>,
  { password = PASSWORD, timings = TIMINGS } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const streamPort = freeUdpPort();
  using sender = new UdpSender(streamPort);
  const server = await camera(actual, () => {
    for (const datagram of goProGroups(1, 33)) void sender.send(datagram);
  });
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
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("with its own authority, name and password a camera on the home's network is watched", async () => {
  const authority = await authorityOf("GoPro Root");
  await watch(authority, authority, async (out) => {
    await out.until((seen) => seen.all("data").length > 20);
    assert.equal(out.all("status")[0]?.status.model, "HERO12 Black");
  });
});

Deno.test("a camera with another authority's certificate is not believed, and hears no password", async () => {
  const [pinned, actual] = await Promise.all([authorityOf("GoPro Root"), authorityOf("Other")]);
  await watch(pinned, actual, async (_out, running) => {
    await assert.rejects(running, {
      name: "SourceError",
      message: /does not have the certificate of that GoPro/,
    });
  }, { timings: IMPATIENT });
});

Deno.test("a wrong password is said", async () => {
  const authority = await authorityOf("GoPro Root");
  await watch(authority, authority, async (_out, running) => {
    await assert.rejects(running, { name: "SourceError", message: /401|password/ });
  }, { password: "wrong", timings: IMPATIENT });
});
