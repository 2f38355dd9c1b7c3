/**
 * `/live/{name}/stream.ts`: the transport stream as it arrived, or as it was made again.
 *
 * @module
 */

import { MAX_WAIT_MS, serveBody } from "../body.ts";
import type { Delivery, DeliveryRequest } from "../delivery.ts";
import { tapTransportStream, TS_TYPE } from "./ts_feed.ts";

/** Opens the delivery. @param maxWaitMs tests wait less. */
export function openStreamTs(maxWaitMs = MAX_WAIT_MS): Delivery {
  function request(what: DeliveryRequest): void {
    const tap = tapTransportStream(what.stream);
    serveBody(what, {
      hub: tap.hub,
      type: TS_TYPE,
      newGeneration: "goes on",
      maxWaitMs,
      closed: () => tap[Symbol.dispose](),
    });
  }

  return { resource: "stream.ts", request };
}
