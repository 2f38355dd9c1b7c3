/**
 * A certificate for this machine's loopback, and the authority that vouches for it: made anew for each test.
 *
 * @module
 */

import { type Identity, issue } from "../../relay/certificates/x509.ts";

const DAY_MS = 86_400_000;
const NAMES = { dns: ["localhost"], ip: ["127.0.0.1"] };

/** What a server shows, and what a client is to trust. */
export async function loopbackIdentity(): Promise<
  { readonly server: Identity; readonly authority: string }
> {
  const life = {
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
  };
  const permits = { dns: NAMES.dns, ip: ["127.0.0.0/8"] };
  const authority = await issue({ subject: "Tests", ...life, permits });
  const server = await issue({ subject: "localhost", ...life, names: NAMES, issuer: authority });
  return { server, authority: authority.certificate };
}
