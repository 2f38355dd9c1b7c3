/**
 * The little of STUN (RFC 8489 §5, §14.3) that tells which connection a connectivity check is for.
 *
 * @module
 */

import { u16, u32 } from "../../rtp/packet.ts";

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112_a442;
const USERNAME = 0x0006;
/** RFC 8489 §14.3. */
const MAX_USERNAME_BYTES = 508;

/** Whether a datagram is STUN's (RFC 7983 §7). */
export function isStun(b: Uint8Array): boolean {
  return b.length >= HEADER_BYTES && (b[0] ?? 0xff) < 4 && u32(b, 4) === MAGIC_COOKIE;
}

/** Whose check it is: the receiver's fragment, which stands first in the user name (RFC 8445 §7.2.2). */
export function ufragOf(b: Uint8Array): string | undefined {
  for (let at = HEADER_BYTES; at + 4 <= b.length;) {
    const length = u16(b, at + 2);
    const value = at + 4;
    if (value + length > b.length) return undefined;
    if (u16(b, at) === USERNAME && length <= MAX_USERNAME_BYTES) {
      return new TextDecoder().decode(b.subarray(value, value + length)).split(":", 1)[0];
    }
    at = value + length + (-length & 3); // padded to whole words
  }
  return undefined;
}
