/**
 * A file's gzip form, made once and off the main thread, and whether a request takes it (RFC 9110 §12.5.3). Only for
 * files that are the same for everyone and hold no secret: how well a text compresses tells what is in it.
 *
 * @module
 */

import { constants, gzip } from "node:zlib";
import type { Bytes } from "../../shared/bytes.ts";

/** Smaller ones fit the first packets as they are. */
const MIN_BYTES = 1024;
/** Pictures and fonts are compressed already. */
const COMPRESSIBLE = /^text\/|^application\/(json|manifest\+json)|^image\/svg\+xml/;

/** The forms of one file. */
export interface Compressible {
  readonly bytes: Bytes;
  readonly type: string;
}

const made = new WeakMap<Bytes, Promise<Bytes>>();

/** Whether there is a choice of forms: answers say so in `Vary`, whichever they are (RFC 9110 §12.5.5). */
export function isCompressible({ bytes, type }: Compressible): boolean {
  return bytes.length >= MIN_BYTES && COMPRESSIBLE.test(type);
}

/** The gzip form (RFC 1952); made when it is first asked for. */
export function gzipOf({ bytes }: Compressible): Promise<Bytes> {
  const known = made.get(bytes);
  if (known) return known;
  const making = new Promise<Bytes>((resolve, reject) => {
    gzip(bytes, { level: constants.Z_BEST_COMPRESSION }, (error, result) => {
      if (error) reject(error);
      else resolve(new Uint8Array(result));
    });
  });
  made.set(bytes, making);
  return making;
}

/** Whether `Accept-Encoding` names gzip, or everything, and does not refuse it (`q=0`). */
export function takesGzip(header: string | undefined): boolean {
  const weights = new Map(
    (header ?? "").toLowerCase().split(",").map((each) => {
      const [coding = "", ...parameters] = each.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [coding, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0;
}
