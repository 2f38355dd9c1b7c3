/**
 * A clip through the pipeline, datagram by datagram, until so many pictures have come out: `frames.ts FILE COUNT`.
 * What `small.ts` counts the instructions of. No sockets, no worker, no viewers.
 *
 * @module
 */

import { Ingest } from "../../relay/ingest/ingest.ts";

const DATAGRAM_BYTES = 7 * 188;

const [file = "", count = "0"] = Deno.args;
const clip = Deno.readFileSync(file);
const ingest = new Ingest({
  init: () => {},
  batch: () => {},
  status: () => {},
  note: () => {},
}, { format: "mpegts" });
while (ingest.counters.videoSamples < Number(count)) {
  for (let at = 0; at < clip.length; at += DATAGRAM_BYTES) {
    ingest.data(clip.subarray(at, at + DATAGRAM_BYTES), ingest.now());
  }
  ingest.discontinuity("loop");
}
