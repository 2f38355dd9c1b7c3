/**
 * Where the relay is reached over https, as the page was told by it: an address of its own, or a port of the host
 * that this page came from. Reads one `<meta>`.
 *
 * @module
 */

/** What the relay wrote into the page. */
export interface SecureOrigin {
  /** The app's address there, with a slash at the end. */
  readonly url: string;
  /** The relay vouches for itself: a device has to be told. */
  readonly authority: boolean;
  /** SHA-256 of the authority's certificate, in pairs of digits. */
  readonly fingerprint: string;
}

/** The https address of this relay; `undefined` when it has none. */
export function secureOrigin(
  page: Document = document,
  here: URL = new URL(page.baseURI),
): SecureOrigin | undefined {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="rill-secure"]')?.content ?? "";
  const [where = "", fingerprint = ""] = meta.split(" ");
  if (where === "") return undefined;
  const authority = fingerprint !== "";
  if (!/^\d+$/.test(where)) return { url: where, authority, fingerprint };
  const url = new URL(here.pathname, here);
  url.protocol = "https:";
  url.port = where;
  return { url: url.href, authority, fingerprint };
}
