/**
 * The table of transports, in order of preference. To add one: a file beside this and a line here.
 *
 * @module
 */

import { hls } from "./hls.ts";
import type { Transport } from "./transport.ts";
import { websocket } from "./websocket.ts";
import { webtransport } from "./webtransport.ts";

/** Every transport by the name that `?transport=` and the statistics use. */
export const TRANSPORTS = { webtransport, websocket, hls } as const satisfies Record<
  string,
  Transport
>;

/** The name of a transport. */
export type TransportName = keyof typeof TRANSPORTS;

/** Late and costly, but through every proxy. */
const LAST_RESORTS: ReadonlySet<TransportName> = new Set(["hls"]);

/** A transport with its name. */
export interface Candidate {
  readonly name: TransportName;
  readonly transport: Transport;
  /** Tried when the others have failed, or have said nothing for long. */
  readonly lastResort: boolean;
}

function isTransportName(name: string): name is TransportName {
  return Object.hasOwn(TRANSPORTS, name);
}

/** The transports to be tried here, best first; `wanted` leaves that one alone, if it exists. */
export function candidates(wanted?: string): readonly Candidate[] {
  return Object.keys(TRANSPORTS)
    .filter(isTransportName)
    .filter((name) => wanted === undefined || name === wanted)
    .map((name) => ({ name, transport: TRANSPORTS[name], lastResort: LAST_RESORTS.has(name) }))
    .filter(({ transport }) => transport.supported());
}
