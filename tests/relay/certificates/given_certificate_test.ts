/** `--tls CERT,KEY`: what is refused at the start, and what happens when the files change. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openGivenCertificate } from "../../../relay/certificates/given_certificate.ts";
import { type Identity, issue } from "../../../relay/certificates/x509.ts";
import { Log } from "../../../relay/log.ts";
import { until } from "../../support/relay.ts";

const lines: string[] = [];
const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });

function pair(): Promise<Identity> {
  return issue({
    subject: "x",
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 86_400_000),
    names: { dns: ["localhost"], ip: [] },
  });
}

async function withFiles(
  test: (paths: { certificate: string; key: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-pair-" });
  try {
    await test({ certificate: join(folder, "fullchain.pem"), key: join(folder, "privkey.pem") });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(paths: { certificate: string; key: string }, made: Identity): Promise<void> {
  await Deno.writeTextFile(paths.certificate, made.certificate);
  await Deno.writeTextFile(paths.key, made.key);
}

Deno.test("a pair that cannot serve is refused in words", async () => {
  await withFiles(async (paths) => {
    const open = (): unknown => openGivenCertificate({ ...paths, log });
    assert.throws(open, /fullchain\.pem cannot be read/);
    const [one, other] = [await pair(), await pair()];
    await write(paths, { certificate: one.certificate, key: other.key });
    assert.throws(open, /the key in .*privkey\.pem is not that of .*fullchain\.pem/);
    await write(paths, { certificate: one.certificate, key: "hello" });
    assert.throws(open, /privkey\.pem holds no PEM private key/);
  });
});

Deno.test("files that change are read again, and half of a pair replaces nothing", async () => {
  await withFiles(async (paths) => {
    const [one, other] = [await pair(), await pair()];
    await write(paths, one);
    await using source = openGivenCertificate({ ...paths, log, lookMs: 5 });
    const renewed: Identity[] = [];
    source.onRenewed((identity) => void renewed.push(identity));
    await Deno.writeTextFile(paths.certificate, other.certificate);
    await until(() => lines.some((line) => line.includes("the one before stays")), {
      what: "a warning",
    });
    assert.equal(source.current.certificate, one.certificate);
    await Deno.writeTextFile(paths.key, other.key);
    await until(() => renewed.length > 0, { what: "the new pair" });
    assert.deepEqual([source.current, renewed.length], [other, 1]);
  });
});
