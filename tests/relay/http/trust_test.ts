/** What the trust page's address serves: nothing to trust, an authority in three forms, and where https is. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { certificateBytes, issue } from "../../../relay/certificates/x509.ts";
import { mount } from "../../../relay/api/mount.ts";
import { describeSecureOrigin, type SecureOrigin, trustRoutes } from "../../../relay/http/trust.ts";

async function authority(): Promise<NonNullable<SecureOrigin["authority"]>> {
  const { certificate: pem } = await issue({
    subject: "Rill on gate",
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 86_400_000),
    permits: { dns: ["local"], ip: ["10.0.0.0/8"] },
  });
  return { pem, der: certificateBytes(pem) };
}

Deno.test("the authority is served as DER, PEM and an Apple profile, and is the same in each", async () => {
  const known = await authority();
  const routes = trustRoutes(() => ({ where: 8443, authority: known }), (c) => c.text("the page"));
  const app = mount(routes, undefined);
  const { fingerprint256 } = new X509Certificate(known.pem);
  for (
    const [name, type] of [
      ["rill.crt", "application/x-x509-ca-cert"],
      ["rill.pem", "application/x-pem-file"],
      ["rill.mobileconfig", "application/x-apple-aspen-config"],
    ] as const
  ) {
    const response = await app.request(`/trust/${name}`);
    assert.equal(response.headers.get("content-type"), type);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [, data] = /<data>([^<]+)<\/data>/.exec(new TextDecoder().decode(bytes)) ?? [];
    const der = data === undefined ? bytes : Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    assert.equal(new X509Certificate(Buffer.from(der)).fingerprint256, fingerprint256, name);
  }
  assert.equal(await (await app.request("/trust")).text(), "the page");
  assert.equal(
    describeSecureOrigin({ where: 8443, authority: known }),
    `8443 ${fingerprint256}`,
  );
});

Deno.test("without an authority of its own there is nothing to install, and that is said", async () => {
  for (
    const [secure, words] of [
      [undefined, /without HTTPS/],
      [{ where: "https://gate.example.org/" }, /not its own/],
    ] as const
  ) {
    const app = mount(trustRoutes(() => secure, (c) => c.text("the page")), undefined);
    for (const path of ["/trust", "/trust/rill.crt"]) {
      const response = await app.request(path);
      assert.deepEqual([response.status, words.test(await response.text())], [404, true]);
    }
  }
  assert.equal(describeSecureOrigin(undefined), "");
});
