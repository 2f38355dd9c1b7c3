/**
 * X.509 certificates on P-256 keys (RFC 5280), by the `@peculiar` packages: one function that makes a key and has
 * it signed, by itself or by an authority. Knows nothing of files, of when to renew or of what is trusted.
 *
 * @module
 */

import "reflect-metadata"; // which @peculiar/x509 expects to find
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import type { Names } from "./names.ts";

/** The one kind of key: every browser and WebTransport's certificate hashes take it. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A private key and the certificate of its public half, both PEM. */
export interface Identity {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

/** What a new certificate says. */
export interface IssueOptions {
  /** Its common name. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Whom it is for; an authority has none. */
  readonly names?: Names;
  /** Makes an authority, which may vouch for these only (RFC 5280 §4.2.1.10). */
  readonly permits?: Names;
  /** Who signs; by itself when absent. */
  readonly issuer?: Identity;
}

/** Makes a key and a certificate for it. */
export async function issue(options: IssueOptions): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { issuer } = options;
  const signer = issuer && new x509.X509Certificate(issuer.certificate);
  const subject = [{ O: ["Rill"] }, { CN: [options.subject] }];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: signer?.subjectName.toJSON() ?? subject,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    publicKey: keys.publicKey,
    signingKey: issuer ? await importKey(issuer.key) : keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...(options.permits ? authorityExtensions(options.permits) : leafExtensions(options.names)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(signer ? [await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey)] : []),
    ],
  });
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${
      x509.PemConverter.encode(
        await crypto.subtle.exportKey("pkcs8", keys.privateKey),
        "PRIVATE KEY",
      )
    }\n`,
  };
}

/** Positive, at most 20 bytes, and not to be guessed: RFC 5280 §4.1.2.2. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function importKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, false, [
    "sign",
  ]);
}

function authorityExtensions(permits: Names): x509.Extension[] {
  const subtrees = [
    ...permits.dns.map((dNSName) => new GeneralName({ dNSName })),
    ...permits.ip.map((iPAddress) => new GeneralName({ iPAddress })), // ADDRESS/BITS
  ].map((base) => new GeneralSubtree({ base }));
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(subtrees) });
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(
      x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
      true,
    ),
    new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints)),
  ];
}

function leafExtensions(names: Names | undefined): x509.Extension[] {
  const alternatives: x509.JsonGeneralNames = [
    ...(names?.dns ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(names?.ip ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(alternatives),
  ];
}

/** What a certificate says that decides whether it still serves. */
export interface CertificateFacts {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Those it is for. */
  readonly names: Names;
  /** Those it may vouch for; empty when it is no authority. */
  readonly permits: Names;
  /** Key identifier of who signed it, or its own. */
  readonly issuerKeyId: string | undefined;
  readonly keyId: string | undefined;
}

/**
 * Reads a certificate.
 * @throws {Error} when it is none.
 */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new x509.X509Certificate(pem);
  const alternatives = certificate.getExtension(x509.SubjectAlternativeNameExtension);
  const constraints = certificate.getExtension(id_ce_nameConstraints);
  const permitted = constraints
    ? AsnConvert.parse(constraints.value, NameConstraints).permittedSubtrees ?? []
    : [];
  const all = alternatives?.names.toJSON() ?? [];
  return {
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    names: {
      dns: all.filter(({ type }) => type === "dns").map(({ value }) => value),
      ip: all.filter(({ type }) => type === "ip").map(({ value }) => value),
    },
    permits: {
      dns: [...permitted].flatMap(({ base }) => base.dNSName ?? []),
      ip: [...permitted].flatMap(({ base }) => base.iPAddress ?? []),
    },
    issuerKeyId: certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId,
    keyId: certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  };
}

/** The certificate's bytes, DER: what phones install. */
export function certificateBytes(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new x509.X509Certificate(pem).rawData);
}
