/**
 * A clip through the pipeline, datagram by datagram: `frames.ts FILE WARM_UP COUNT` brings so many pictures through to
 * warm up, writes a line and waits for one; then so many more, and the same again. What `small.ts` counts the instructions
 * of, between the two lines. No sockets, no worker, no viewers.
 *
 * @module
 */

import { Ingest } from "../../relay/ingest/ingest.ts";

const DATAGRAM_BYTES = 7 * 188;

const [file = "", ...counts] = Deno.args;
const clip = Deno.readFileSync(file);
const ingest = new Ingest({
  init: () => {},
  batch: () => {},
  status: () => {},
  note: () => {},
}, { format: "mpegts" });
let wanted = 0;
for (const count of counts) {
  wanted += Number(count);
  while (ingest.counters.videoSamples < wanted) {
    for (let at = 0; at < clip.length; at += DATAGRAM_BYTES) {
      ingest.data(clip.subarray(at, at + DATAGRAM_BYTES), ingest.now());
    }
    ingest.discontinuity("loop");
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`${ingest.counters.videoSamples}\n`));
  Deno.stdin.readSync(new Uint8Array(1));
}
