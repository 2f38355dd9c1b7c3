/** The local authority: what it may vouch for, when its certificate is renewed, how it is kept. OpenSSL judges. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import type { Host } from "../../../relay/certificates/names.ts";
import {
  type LocalAuthority,
  openLocalAuthority,
} from "../../../relay/certificates/local_authority.ts";
import { CertificateError } from "../../../relay/certificates/pem_file.ts";
import { issue } from "../../../relay/certificates/x509.ts";
import { Log } from "../../../relay/log.ts";
import { findProgram } from "../../support/programs.ts";

const DAY_MS = 86_400_000;
const log = new Log({ level: "error", format: "text", write: () => {} });

interface Bench {
  readonly folder: string;
  host: Host;
  now: number;
  open(url?: string): Promise<LocalAuthority>;
}

async function withFolder(test: (bench: Bench) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir({ prefix: "rill-tls-" });
  const folder = join(parent, "state", "tls");
  const bench: Bench = {
    folder,
    host: { hostname: "Gate.example", addresses: ["127.0.0.1", "192.168.7.9", "fe80::1"] },
    now: Date.now(),
    open: (url) =>
      openLocalAuthority({
        folder,
        url: url === undefined ? undefined : new URL(url),
        host: () => bench.host,
        log,
        now: () => bench.now,
      }),
  };
  try {
    await test(bench);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** What OpenSSL says of a certificate under an authority. */
async function verify(folder: string, authority: string, certificate: string): Promise<string> {
  const [root, leaf] = ["root.crt", "leaf.crt"].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  await Deno.writeTextFile(root, authority);
  await Deno.writeTextFile(leaf, certificate);
  const { stdout, stderr } = await new Deno.Command("openssl", {
    args: ["verify", "-x509_strict", "-CAfile", root, leaf],
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test({
  name: "the certificate is for the host's names and addresses, and OpenSSL trusts it",
  ignore: findProgram(["openssl"]) === undefined,
  fn: async () => {
    await withFolder(async ({ folder, open }) => {
      await using source = await open("https://cam.example.org/porch/");
      const leaf = new X509Certificate(source.current.certificate);
      for (const name of ["localhost", "gate.local", "gate", "cam.example.org"]) {
        assert.ok(leaf.checkHost(name), name);
      }
      for (const ip of ["127.0.0.1", "192.168.7.9", "::1"]) assert.ok(leaf.checkIP(ip), ip);
      assert.equal(leaf.checkHost("example.org"), undefined);
      const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / DAY_MS;
      assert.ok(days < 398, `Apple takes no more than 398 days, this is for ${days}`);
      assert.match(await verify(folder, source.authority.pem, source.current.certificate), /: OK/);
    });
  },
});

Deno.test({
  name: "an authority vouches for nobody outside private networks",
  ignore: findProgram(["openssl"]) === undefined,
  fn: async () => {
    await withFolder(async ({ folder, open }) => {
      await using _source = await open();
      const kept = await Deno.readTextFile(join(folder, "authority.pem"));
      const key = kept.slice(kept.indexOf("-----BEGIN PRIVATE"));
      const certificate = kept.slice(0, kept.indexOf("-----BEGIN PRIVATE"));
      for (
        const names of [
          { dns: ["www.example.org"], ip: [] },
          { dns: ["localhost"], ip: ["8.8.8.8"] },
          { dns: ["localhost"], ip: ["2001:db8::1"] },
        ]
      ) {
        const forged = await issue({
          subject: "x",
          notBefore: new Date(Date.now() - DAY_MS),
          notAfter: new Date(Date.now() + DAY_MS),
          names,
          issuer: { certificate, key },
        });
        assert.match(await verify(folder, certificate, forged.certificate), /permitted subtree/);
      }
    });
  },
});

Deno.test("keys are their owner's alone", async () => {
  await withFolder(async ({ folder, open }) => {
    await using _source = await open();
    const mode = async (path: string): Promise<string> =>
      ((await Deno.stat(path)).mode ?? 0).toString(8).slice(-3);
    assert.equal(await mode(folder), "700");
    for (const file of ["authority.pem", "certificate.pem"]) {
      assert.equal(await mode(join(folder, file)), "600");
    }
  });
});

Deno.test("both are kept over a restart", async () => {
  await withFolder(async ({ open }) => {
    await using first = await open();
    await using second = await open();
    assert.deepEqual(second.authority.pem, first.authority.pem);
    assert.deepEqual(second.current, first.current);
  });
});

Deno.test("renewed when it nears its end and when the address changes, the authority staying", async () => {
  await withFolder(async (bench) => {
    await using source = await bench.open();
    const given: string[] = [];
    source.onRenewed(({ certificate }) => void given.push(certificate));
    await source.look();
    assert.equal(given.length, 0, "nothing changed");
    bench.host = { ...bench.host, addresses: ["10.0.0.7"] };
    await source.look();
    assert.equal(given.length, 1);
    assert.ok(new X509Certificate(source.current.certificate).checkIP("10.0.0.7"));
    bench.now += 61 * DAY_MS;
    await source.look();
    assert.equal(given.length, 2);
    assert.equal(given[1], source.current.certificate);
    await using restarted = await bench.open();
    assert.equal(restarted.authority.pem, source.authority.pem);
    assert.equal(restarted.current.certificate, given[1]);
  });
});

Deno.test("a --url the authority may not vouch for brings another, which keeps what the first could", async () => {
  await withFolder(async ({ open }) => {
    const pem = async (url: string): Promise<string> => {
      await using source = await open(url);
      assert.ok(new X509Certificate(source.current.certificate).checkHost(new URL(url).hostname));
      return source.authority.pem;
    };
    const first = await pem("https://one.example.org/");
    const second = await pem("https://two.example.org/");
    assert.notEqual(first, second);
    assert.equal(await pem("https://one.example.org/"), second);
    assert.equal(await pem("https://gate.local/"), second);
  });
});

Deno.test("a damaged certificate is made anew, a damaged authority is not thrown away", async () => {
  await withFolder(async ({ folder, open }) => {
    await (await open())[Symbol.asyncDispose]();
    await Deno.writeTextFile(join(folder, "certificate.pem"), "nonsense");
    await using source = await open();
    assert.match(source.current.certificate, /BEGIN CERTIFICATE/);
    await Deno.writeTextFile(join(folder, "authority.pem"), "nonsense");
    await assert.rejects(open(), (error) => {
      assert.ok(error instanceof CertificateError);
      assert.match(error.message, /authority\.pem holds no key.*delete it/);
      return true;
    });
  });
});
