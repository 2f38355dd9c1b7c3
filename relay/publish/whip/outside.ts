/**
 * The addresses behind the name by which the outside reaches this machine, for the answers' candidates: browsers look no
 * names up in those.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";

const LOOKUP_MS = 2_000;

/** IPv4 addresses of a host; none where they cannot be found in time, which `note` is told. */
export async function addressesOf(
  host: string,
  note: (sentence: string) => void,
): Promise<readonly string[]> {
  if (isIPv4(host)) return [host];
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => patience.resolve(undefined), LOOKUP_MS);
  const found = lookup(host, { family: 4, all: true }).catch((error: Error) => {
    note(`the address of ${host} cannot be looked up: ${error.message}`);
    return [];
  });
  const addresses = await Promise.race([found, patience.promise]);
  clearTimeout(timer);
  if (!addresses) note(`the address of ${host} could not be looked up in ${LOOKUP_MS / 1000} s`);
  return addresses?.map(({ address }) => address) ?? [];
}
