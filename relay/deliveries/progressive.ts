/**
 * `/live/{name}/stream.mp4`: one endless fragmented MP4 as a response body. Ends where a new generation begins: a
 * file has one init segment.
 *
 * @module
 */

import { MAX_WAIT_MS, serveBody } from "./body.ts";
import type { Delivery } from "./delivery.ts";

/** Opens the delivery. @param maxWaitMs tests wait less. */
export function openProgressive(maxWaitMs = MAX_WAIT_MS): Delivery {
  return {
    resource: "stream.mp4",
    request: (what) =>
      serveBody(what, {
        hub: what.stream.hub,
        type: "video/mp4",
        newGeneration: "ends",
        maxWaitMs,
      }),
  };
}
