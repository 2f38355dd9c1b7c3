/**
 * Where a TLS listener has its certificate from: what it is now, and word of each new one.
 *
 * @module
 */

import type { Identity } from "./x509.ts";

/** A key and certificate that are renewed while the relay runs. */
export interface CertificateSource extends AsyncDisposable {
  readonly current: Identity;
  /** `use` is called with each that follows. */
  onRenewed(use: (identity: Identity) => void): void;
}
