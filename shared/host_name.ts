/**
 * What a machine can be called in an address. Looks nothing up.
 *
 * @module
 */

/** An address of IPv6 in its brackets. */
const IPV6 = /^\[[0-9a-f:.]+\]$/i;
/** Labels between full stops (RFC 1123 §2.1), with the `_` that many have; an address of IPv4 is of this form too. */
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i;

/** Whether a machine can be called so; `cam..local` none can, though it stands in a URL that can be read. */
export function isHostName(text: string): boolean {
  return IPV6.test(text) || NAME.test(text);
}
