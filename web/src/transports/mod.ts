/**
 * The table of transports, in order of preference. To add one: a file beside this and a line here.
 *
 * @module
 */

import type { Transport } from "./transport.ts";
import { websocket } from "./websocket.ts";
import { webtransport } from "./webtransport.ts";

/** Every transport by the name that `?transport=` and the statistics use. */
export const TRANSPORTS = { webtransport, websocket } as const satisfies Record<string, Transport>;

/** The name of a transport. */
export type TransportName = keyof typeof TRANSPORTS;

/** A transport with its name. */
export interface Candidate {
  readonly name: TransportName;
  readonly transport: Transport;
}

function isTransportName(name: string): name is TransportName {
  return Object.hasOwn(TRANSPORTS, name);
}

/** The transports to be tried here, best first; `wanted` leaves that one alone, if it exists. */
export function candidates(wanted?: string): readonly Candidate[] {
  return Object.keys(TRANSPORTS)
    .filter(isTransportName)
    .filter((name) => wanted === undefined || name === wanted)
    .map((name) => ({ name, transport: TRANSPORTS[name] }))
    .filter(({ transport }) => transport.supported());
}
