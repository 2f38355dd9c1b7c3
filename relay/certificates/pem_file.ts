/**
 * Keys and certificates on disk: PEM (RFC 7468), readable by their owner alone, replaced as a whole or not at all.
 *
 * @module
 */

import { join } from "node:path";
import type { Identity } from "./x509.ts";

/** A PEM file beyond this is none. */
const MAX_PEM_BYTES = 256 * 1024;
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----\n?/;
const CERTIFICATES = /(?:-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*)+/;

/** A key or certificate cannot be had; `message` is a sentence. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Makes the folder that keys are kept in: its owner's alone. @throws {CertificateError} */
export function makeKeyFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (Deno.build.os !== "windows") Deno.chmodSync(folder, 0o700); // it may have been there
  } catch (error) {
    throw new CertificateError(
      `keys cannot be kept in ${folder} (${reason(error)}); choose another folder with --data DIR`,
      { cause: error },
    );
  }
}

/** Reads the key and certificate kept under `name`; `undefined` when there are none. @throws {CertificateError} */
export function readIdentity(folder: string, name: string): Identity | undefined {
  const path = join(folder, name);
  let text;
  try {
    text = readPem(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const identity = splitPem(text, text);
  if (!identity) {
    throw new CertificateError(
      `${path} holds no key with a certificate; delete it and another is made`,
    );
  }
  return identity;
}

/** Keeps a key and certificate under `name`. @throws {CertificateError} */
export function writeIdentity(folder: string, name: string, { certificate, key }: Identity): void {
  const path = join(folder, name);
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    const file = Deno.openSync(draft, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(`${certificate.trim()}\n${key.trim()}\n`);
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(draft, path);
  } catch (error) {
    throw new CertificateError(`${path} cannot be written: ${reason(error)}`, { cause: error });
  }
}

/**
 * Reads a pair as certbot and others leave it: chain and key in two files.
 * @throws {CertificateError}
 */
export function readPair(certificatePath: string, keyPath: string): Identity {
  const read = (path: string): string => {
    try {
      return readPem(path);
    } catch (error) {
      if (error instanceof CertificateError) throw error;
      throw new CertificateError(`--tls: ${path} cannot be read: ${reason(error)}`, {
        cause: error,
      });
    }
  };
  const certificate = read(certificatePath);
  const key = read(keyPath);
  if (!CERTIFICATES.test(certificate)) {
    throw new CertificateError(`--tls: ${certificatePath} holds no PEM certificate`);
  }
  if (!KEY.test(key)) throw new CertificateError(`--tls: ${keyPath} holds no PEM private key`);
  return { certificate, key };
}

function splitPem(certificates: string, keys: string): Identity | undefined {
  const [certificate] = CERTIFICATES.exec(certificates) ?? [];
  const [key] = KEY.exec(keys) ?? [];
  return certificate && key ? { certificate, key } : undefined;
}

function readPem(path: string): string {
  const { size } = Deno.statSync(path);
  if (size > MAX_PEM_BYTES) throw new CertificateError(`${path} is too large to be a PEM file`);
  return Deno.readTextFileSync(path);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/: .*? '.*?'$/, "") : String(error);
}
