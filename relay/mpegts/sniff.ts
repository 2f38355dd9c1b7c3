/**
 * Whether bytes are a transport stream (ISO/IEC 13818-1 §2.4.3.2), wherever it was entered: by its sync bytes alone.
 *
 * @module
 */

import { layoutAt } from "./layout.ts";
import { SYNC_BYTE } from "./packet.ts";

/** A stream may be entered in the middle of a packet, and its first packets damaged: so much is looked through. */
const MAX_LOOKED_THROUGH_BYTES = 4096;

/** `undefined` where too few bytes are there to say. */
export function looksLikeTransportStream(head: Uint8Array): boolean | undefined {
  if (head[0] === SYNC_BYTE) return true;
  const end = Math.min(head.length, MAX_LOOKED_THROUGH_BYTES);
  for (let at = 0; at < end; at++) if (layoutAt(head, at)) return true;
  return head.length < MAX_LOOKED_THROUGH_BYTES ? undefined : false;
}
