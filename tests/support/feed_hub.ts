/**
 * A clip through a pipeline of its own into a hub, all at once: for deliveries that are tested without a relay.
 *
 * @module
 */

import type { Hub } from "../../relay/hub/hub.ts";
import { Ingest } from "../../relay/ingest/ingest.ts";

/** Publishes everything that the file at `path` holds. */
export async function feedHub(hub: Hub, path: string): Promise<void> {
  const ingest = new Ingest({
    init: (segment) => hub.init(segment),
    batch: (batch) => hub.publish(batch),
    status: () => undefined,
    note: () => undefined,
  });
  ingest.data(await Deno.readFile(path), ingest.now());
  ingest.end();
}
