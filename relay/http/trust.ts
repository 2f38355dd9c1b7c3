/**
 * `/trust`: the page that walks a device through trusting the relay's own authority, and the authority's
 * certificate in the forms that systems install. Public by nature; the key is nowhere near.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { ApiRoute } from "../api/route.ts";

/** Where the relay is reached over https. */
export interface SecureOrigin {
  /** A port of the host that was asked, or a whole address. */
  readonly where: number | string;
  /** What a device must be told to trust; absent when browsers trust the certificate anyway. */
  readonly authority?: { readonly pem: string; readonly der: Uint8Array<ArrayBuffer> };
}

/** What the page's `rill-secure` says: WHERE, and the fingerprint of an authority. */
export function describeSecureOrigin(secure: SecureOrigin | undefined): string {
  if (!secure) return "";
  const { where, authority } = secure;
  return authority ? `${where} ${fingerprint(authority.der)}` : String(where);
}

const FILES = {
  "rill.crt": "application/x-x509-ca-cert",
  "rill.pem": "application/x-pem-file",
  "rill.mobileconfig": "application/x-apple-aspen-config",
} as const;

/** @param page answers with the page. */
export function trustRoutes(
  secure: () => SecureOrigin | undefined,
  page: (c: Context) => Response | Promise<Response>,
): ApiRoute[] {
  const nothing = { description: "There is nothing to trust.", content: { type: "text/plain" } };
  return [
    {
      method: "GET",
      path: "/trust",
      right: "none",
      summary: "The page that walks a device through trusting the relay's own authority.",
      answers: { 200: { description: "The page.", content: { type: "text/html" } }, 404: nothing },
      handle: (c) => secure()?.authority ? page(c) : nothingToTrust(c, secure()),
    },
    ...(Object.keys(FILES) as (keyof typeof FILES)[]).map((name): ApiRoute => ({
      method: "GET",
      path: `/trust/${name}`,
      right: "none",
      summary: "The certificate of the relay's own authority, as systems install it.",
      answers: {
        200: { description: "The certificate.", content: { type: FILES[name] } },
        404: nothing,
      },
      handle: (c) => sendAuthority(c, { name, secure: secure() }),
    })),
  ];
}

function sendAuthority(
  c: Context,
  { name, secure }: {
    readonly name: keyof typeof FILES;
    readonly secure: SecureOrigin | undefined;
  },
): Response {
  const authority = secure?.authority;
  if (!authority) return nothingToTrust(c, secure);
  const body = name === "rill.crt"
    ? authority.der
    : name === "rill.pem"
    ? authority.pem
    : appleProfile(authority.der);
  return c.body(body, 200, {
    "content-type": FILES[name],
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // A phone opens the profile by itself, as an attachment too.
    "content-disposition": `attachment; filename="${name}"`,
  });
}

function nothingToTrust(c: Context, secure: SecureOrigin | undefined): Response {
  return c.text(
    secure
      ? "There is nothing to install: this relay's certificate is not its own."
      : "This relay was started without HTTPS (--tls off), or its port was taken; its log says which.",
    404,
  );
}

function fingerprint(der: Uint8Array): string {
  const hex = createHash("sha256").update(der).digest("hex").toUpperCase();
  return hex.match(/../g)?.join(":") ?? "";
}

/** A profile with one root certificate: Apple, Configuration Profile Reference, com.apple.security.root. */
function appleProfile(der: Uint8Array): string {
  const hex = createHash("sha256").update(der).digest("hex");
  const uuid = (at: number): string =>
    [8, 4, 4, 4, 12].map((length, i, all) => {
      const start = at + all.slice(0, i).reduce((sum, each) => sum + each, 0);
      return hex.slice(start, start + length);
    }).join("-").toUpperCase();
  const base64 = btoa(String.fromCharCode(...der));
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key><string>rill.crt</string>
      <key>PayloadContent</key><data>${base64}</data>
      <key>PayloadDisplayName</key><string>Rill</string>
      <key>PayloadIdentifier</key><string>rill.authority.${hex.slice(0, 16)}</string>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadUUID</key><string>${uuid(0)}</string>
      <key>PayloadVersion</key><integer>1</integer>
    </dict>
  </array>
  <key>PayloadDescription</key><string>Lets this device trust your Rill relay, on private networks only.</string>
  <key>PayloadDisplayName</key><string>Rill</string>
  <key>PayloadIdentifier</key><string>rill.profile.${hex.slice(0, 16)}</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadUUID</key><string>${uuid(32)}</string>
  <key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
`;
}
