/**
 * A key and certificate for 127.0.0.1, as PEM files, for programs that want files.
 *
 * @module
 */

import { join } from "node:path";
import { issue } from "../../relay/certificates/x509.ts";

const DAY_MS = 86_400_000;

/** Paths of the two. */
export interface IdentityFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Makes them in `folder`. */
export async function makeIdentity(folder: string): Promise<IdentityFiles> {
  const made = await issue({
    subject: "bench",
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    names: { dns: ["localhost"], ip: ["127.0.0.1"] },
  });
  const files = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  await Deno.writeTextFile(files.certificate, made.certificate);
  await Deno.writeTextFile(files.key, made.key, { mode: 0o600 });
  return files;
}
