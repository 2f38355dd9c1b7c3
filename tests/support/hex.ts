/** Bytes as tests write them down. */

import type { Bytes } from "../../shared/bytes.ts";

/** The bytes of hexadecimal digits, spaces left out. */
export function fromHex(text: string): Bytes {
  const digits = text.replaceAll(/\s/g, "");
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
