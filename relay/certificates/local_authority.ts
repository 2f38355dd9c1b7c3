/**
 * `--tls auto`: an authority of the relay's own, made once and trusted by people on their devices, and the
 * certificate it signs for this machine: renewed long before it ends, and whenever the machine's names change.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { CertificateSource } from "./certificate_source.ts";
import {
  excluded,
  type Host,
  type Names,
  ownNames,
  permitsFor,
  permitted,
  sameNames,
} from "./names.ts";
import { CertificateError, makeKeyFolder, readIdentity, writeIdentity } from "./pem_file.ts";
import { certificateBytes, type Identity, issue, readCertificate } from "./x509.ts";

const DAY_MS = 86_400_000;
/** People install it by hand: not often. */
const AUTHORITY_DAYS = 3650;
/** Well under what Apple allows (398), and long enough for a relay that sleeps all winter. */
const LEAF_DAYS = 90;
const RENEW_BEFORE_DAYS = 30;
/** Clocks of phones and of boards without a battery are behind. */
const BACKDATE_DAYS = 2;
/** How often names and dates are looked at. */
const LOOK_MS = 60_000;

const AUTHORITY_FILE = "authority.pem";
const LEAF_FILE = "certificate.pem";

/** What the authority works with. */
export interface LocalAuthorityOptions {
  /** Where keys are kept. */
  readonly folder: string;
  readonly url: URL | undefined;
  readonly host: () => Host;
  readonly log: Log;
  readonly now?: () => number;
  readonly lookMs?: number;
}

/** What is trusted. */
export interface LocalAuthority extends CertificateSource {
  /** The authority's certificate: what devices install. */
  readonly authority: { readonly pem: string; readonly der: Uint8Array<ArrayBuffer> };
  /** Looks at names and dates now. */
  look(): Promise<void>;
}

/**
 * Opens the authority, making what is missing.
 * @throws {CertificateError} when keys cannot be kept or read.
 */
export async function openLocalAuthority(options: LocalAuthorityOptions): Promise<LocalAuthority> {
  const { folder, url, host, log, now = Date.now, lookMs = LOOK_MS } = options;
  makeKeyFolder(folder);
  const listeners = new Set<(identity: Identity) => void>();
  let names = ownNames(host(), url);
  const authority = await openAuthority();
  let leaf = savedLeaf() ?? await newLeaf();
  let looking: Promise<void> | undefined;

  async function openAuthority(): Promise<Identity> {
    const saved = readIdentity(folder, AUTHORITY_FILE);
    if (!saved) return await newAuthority(permitsFor(names));
    const { permits, notAfter } = readFacts(saved);
    const outside = url ? ownNames({ hostname: "", addresses: [] }, url) : undefined;
    const missing = outside && excluded(outside, permits);
    if (missing && missing.dns.length + missing.ip.length > 0) {
      log.warn(
        "--url is new to the local authority, so another was made: devices must trust it anew",
        { url: url?.host },
      );
      return await newAuthority(permitsFor(names, permits));
    }
    if (notAfter.getTime() - now() < LEAF_DAYS * DAY_MS) {
      log.warn(
        "the local authority is about to end, so another was made: devices must trust it anew",
      );
      return await newAuthority(permitsFor(names, permits));
    }
    return saved;
  }

  async function newAuthority(permits: Names): Promise<Identity> {
    const { hostname } = host();
    const made = await issue({
      // Told apart in a phone's list from one of another machine, or of this one before.
      subject: `Rill on ${hostname || "this machine"} ${crypto.randomUUID().slice(0, 4)}`,
      ...validity(AUTHORITY_DAYS),
      permits,
    });
    writeIdentity(folder, AUTHORITY_FILE, made);
    return made;
  }

  function validity(days: number): { notBefore: Date; notAfter: Date } {
    return {
      notBefore: new Date(now() - BACKDATE_DAYS * DAY_MS),
      notAfter: new Date(now() + days * DAY_MS),
    };
  }

  /** Names that the authority may vouch for; an address it may not is left out, and reached by another. */
  function leafNames(): Names {
    return permitted(names, readFacts(authority).permits);
  }

  function savedLeaf(): Identity | undefined {
    try {
      const saved = readIdentity(folder, LEAF_FILE);
      return saved && serves(saved) ? saved : undefined;
    } catch (error) {
      if (error instanceof CertificateError) return undefined; // damaged: nobody installed it, make another
      throw error;
    }
  }

  function serves(identity: Identity): boolean {
    const facts = readFacts(identity);
    return facts.issuerKeyId === readFacts(authority).keyId &&
      facts.notBefore.getTime() <= now() &&
      facts.notAfter.getTime() - now() > RENEW_BEFORE_DAYS * DAY_MS &&
      sameNames(facts.names, leafNames());
  }

  async function newLeaf(): Promise<Identity> {
    const made = await issue({
      subject: "Rill relay",
      ...validity(LEAF_DAYS),
      names: leafNames(),
      issuer: authority,
    });
    writeIdentity(folder, LEAF_FILE, made);
    return made;
  }

  async function look(): Promise<void> {
    names = ownNames(host(), url);
    if (serves(leaf)) return;
    leaf = await newLeaf();
    log.info("the certificate was renewed", { names: [...leafNames().dns].join(" ") });
    for (const use of listeners) use(leaf);
  }

  const timer = setInterval(() => {
    looking ??= look().catch((error: unknown) => {
      log.error(`the certificate could not be renewed: ${String(error)}`);
    }).finally(() => looking = undefined);
  }, lookMs);
  return {
    get current(): Identity {
      return leaf;
    },
    get authority(): LocalAuthority["authority"] {
      return { pem: authority.certificate, der: certificateBytes(authority.certificate) };
    },
    look,
    onRenewed: (use) => void listeners.add(use),
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      await looking;
    },
  };
}

function readFacts({ certificate }: Identity): ReturnType<typeof readCertificate> {
  try {
    return readCertificate(certificate);
  } catch (error) {
    throw new CertificateError(
      "a certificate that was kept is damaged; delete it and another is made",
      {
        cause: error,
      },
    );
  }
}
