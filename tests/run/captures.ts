/**
 * Where the captures are that are not part of the product: the folder that RILL_MEDIA names.
 *
 * @module
 */

import { resolve } from "node:path";

/** What RILL_MEDIA leads to. */
export interface Captures {
  /** Absolute; absent when RILL_MEDIA is unset or leads nowhere. */
  readonly folder?: string;
  /** A sentence, when it is set and leads nowhere. */
  readonly problem?: string;
}

/** Looks where `value` of RILL_MEDIA leads. */
export function findCaptures(value: string | undefined): Captures {
  if (value === undefined || value === "") return {};
  const folder = resolve(value);
  try {
    if (Deno.statSync(folder).isDirectory) return { folder };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return {
    problem:
      `RILL_MEDIA is set to ${folder}, which is no folder; correct it, or unset it to leave ` +
      "out the tests that need captures.",
  };
}
