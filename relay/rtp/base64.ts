/**
 * Base64 as session descriptions write binary parameters (RFC 4648 §4).
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** The bytes, `undefined` where the text is no base64. */
export function decodeBase64(text: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
