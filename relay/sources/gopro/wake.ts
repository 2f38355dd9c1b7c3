/**
 * Waking a camera whose Wi-Fi is still powered: the magic packet of Wake-on-LAN, 6 × FF and the address sixteen
 * times. Sends nothing itself.
 *
 * @module
 */

/** Where cameras listen for it. */
export const WAKE_PORT = 9;
const MAC_BYTES = 6;
const REPEATS = 16;

/** Six bytes from `0A:1B:…` or `0a1b…`; `undefined` for anything else. */
export function parseMac(text: string | undefined): Uint8Array | undefined {
  const digits = text?.replace(/[:-]/g, "") ?? "";
  return /^[0-9a-f]{12}$/i.test(digits)
    ? Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16))
    : undefined;
}

/** The datagram that wakes the camera of that address. */
export function magicPacket(mac: Uint8Array): Uint8Array {
  const packet = new Uint8Array(MAC_BYTES * (1 + REPEATS)).fill(0xff);
  for (let i = 1; i <= REPEATS; i++) packet.set(mac, i * MAC_BYTES);
  return packet;
}
