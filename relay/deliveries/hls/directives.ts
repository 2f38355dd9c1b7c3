/**
 * Delivery directives, RFC 8216bis §6.2.5: what a client asks of a media playlist in its query. Ours are read
 * strictly; directives of others, and all else in the query, are ignored.
 *
 * @module
 */

/** What is asked for. */
export interface Directives {
  /** The answer waits until this segment, or this part of it, is there. */
  readonly wait?: { readonly sequence: number; readonly part?: number };
  /** The client has what can be skipped. */
  readonly delta: boolean;
}

const COUNT = /^\d{1,15}$/;

/** Reads them. Returns a sentence where they cannot be understood. */
export function readDirectives(query: URLSearchParams): Directives | string {
  for (const name of ["_HLS_msn", "_HLS_part", "_HLS_skip"]) {
    if (query.getAll(name).length > 1) return `${name} is there twice; send it once.`;
  }
  const sequence = query.get("_HLS_msn");
  const part = query.get("_HLS_part");
  const skip = query.get("_HLS_skip");
  for (const [name, value] of [["_HLS_msn", sequence], ["_HLS_part", part]] as const) {
    if (value !== null && !COUNT.test(value)) {
      return `${name} is a whole number from 0, not "${value}".`;
    }
  }
  if (part !== null && sequence === null) return "_HLS_part needs _HLS_msn beside it.";
  if (skip !== null && skip !== "YES" && skip !== "v2") {
    return `_HLS_skip is YES or v2, not "${skip}".`;
  }
  return {
    delta: skip !== null,
    ...(sequence === null ? {} : {
      wait: { sequence: Number(sequence), ...(part === null ? {} : { part: Number(part) }) },
    }),
  };
}
