/**
 * `--tls CERT,KEY`: somebody else's certificate, read again when its files change, as certbot and the like change
 * them. Half-written or mismatched files never replace a pair that works.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Log } from "../log.ts";
import type { CertificateSource } from "./certificate_source.ts";
import { CertificateError, readPair } from "./pem_file.ts";
import type { Identity } from "./x509.ts";

/** How often the files are looked at: a watcher sees nothing through certbot's symbolic links. */
const LOOK_MS = 10_000;

/** What is read. */
export interface GivenCertificateOptions {
  readonly certificate: string;
  readonly key: string;
  readonly log: Log;
  readonly lookMs?: number;
}

/**
 * Opens the pair.
 * @throws {CertificateError} when it cannot be read or does not belong together.
 */
export function openGivenCertificate(options: GivenCertificateOptions): CertificateSource {
  const { log, lookMs = LOOK_MS } = options;
  const listeners = new Set<(identity: Identity) => void>();
  let current = readMatching(options);
  let complaint = "";

  function look(): void {
    try {
      const next = readMatching(options);
      complaint = "";
      if (next.certificate === current.certificate && next.key === current.key) return;
      current = next;
      log.info("the certificate's files changed and were read again");
      for (const use of listeners) use(next);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint) log.warn(`${message}; the one before stays in use`);
      complaint = message;
    }
  }

  const timer = setInterval(look, lookMs);
  return {
    get current(): Identity {
      return current;
    },
    onRenewed: (use) => void listeners.add(use),
    [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

function readMatching({ certificate, key }: GivenCertificateOptions): Identity {
  const pair = readPair(certificate, key);
  let matches;
  try {
    matches = new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key));
  } catch (error) {
    throw new CertificateError(`--tls: ${certificate} or ${key} cannot be understood`, {
      cause: error,
    });
  }
  if (!matches) {
    throw new CertificateError(`--tls: the key in ${key} is not that of ${certificate}`);
  }
  return pair;
}
