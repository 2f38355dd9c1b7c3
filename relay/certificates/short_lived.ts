/**
 * Certificates that browsers take on the word of their hash (W3C WebTransport §6.6, "custom certificate
 * requirements"): ECDSA P-256, valid for at most 14 days, trusted by nobody else. Made and exchanged by itself; the
 * one that will follow is made one turn ahead, so that a hash handed out just before a turn still serves after it.
 * Kept in memory alone.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { CertificateSource } from "./certificate_source.ts";
import { certificateBytes, type Identity, issue } from "./x509.ts";

const DAY_MS = 86_400_000;
/** From the first to the last moment of validity; browsers refuse more than 14 days. */
export const MAX_LIFE_MS = 13.5 * DAY_MS;
/** Part of its life that lies before it is made: clocks of phones are behind. */
const BACKDATED = 1 / 13.5;
/** Part of its life for which each is used, after as long of waiting for its turn. */
const TURN = 1 / 3;
/** How often the clock is looked at: a machine that slept wakes to a certificate that must go. */
const LOOK_MS = 60_000;

/** A certificate and what a browser is told of it. */
interface Made {
  readonly identity: Identity;
  /** SHA-256 of its DER. */
  readonly hash: Uint8Array<ArrayBuffer>;
}

/** What is made. */
export interface ShortLivedOptions {
  readonly log: Log;
  /** Tests and soaks live faster. */
  readonly lifeMs?: number;
}

/** The certificate in use. */
export interface ShortLivedCertificate extends CertificateSource {
  /** SHA-256 of the certificate in use and of the next. */
  readonly hashes: readonly Uint8Array<ArrayBuffer>[];
}

/** Makes the first two. */
export async function openShortLivedCertificate(
  { log, lifeMs = MAX_LIFE_MS }: ShortLivedOptions,
): Promise<ShortLivedCertificate> {
  const listeners = new Set<(identity: Identity) => void>();
  const turnMs = lifeMs * TURN;
  let current = await make(lifeMs);
  let next = await make(lifeMs);
  let turnAt = Date.now() + turnMs;
  let turning: Promise<void> | undefined;

  async function turn(): Promise<void> {
    // After a long sleep the next one has aged as well.
    current = Date.now() < turnAt + turnMs ? next : await make(lifeMs);
    turnAt = Date.now() + turnMs;
    for (const use of listeners) use(current.identity);
    log.info("WebTransport goes on with a new certificate");
    next = await make(lifeMs);
  }

  const timer = setInterval(() => {
    if (Date.now() < turnAt) return;
    turning ??= turn().catch((error: unknown) => {
      log.error(`WebTransport's certificate could not be renewed: ${String(error)}`);
    }).finally(() => turning = undefined);
  }, Math.min(LOOK_MS, turnMs / 4));
  return {
    get current(): Identity {
      return current.identity;
    },
    get hashes(): readonly Uint8Array<ArrayBuffer>[] {
      return [current.hash, next.hash];
    },
    onRenewed: (use) => void listeners.add(use),
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      await turning;
    },
  };
}

async function make(lifeMs: number): Promise<Made> {
  // In whole seconds, as a certificate states them; rounded so that it is never too short.
  const now = Date.now();
  const identity = await issue({
    subject: "Rill WebTransport",
    notBefore: new Date(now - lifeMs * BACKDATED),
    notAfter: new Date(now + lifeMs * (1 - BACKDATED)),
    names: { dns: ["localhost"], ip: [] }, // by hash, any name will do
  });
  const der = certificateBytes(identity.certificate);
  return { identity, hash: new Uint8Array(await crypto.subtle.digest("SHA-256", der)) };
}
