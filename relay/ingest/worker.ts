/**
 * The isolate of one camera: a source and its pipeline, away from whatever viewers, disks and TLS do. It has
 * no permission but its own camera's. Holds no state beyond one run.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import {
  type Source,
  type SourceCommand,
  SourceError,
  type SourceSpec,
} from "../sources/source.ts";
import { openSource } from "../sources/mod.ts";
import type { Batch } from "../../shared/media.ts";
import { BatchRingWriter, copyOf } from "./batch_ring.ts";
import type { IngestCommand, IngestEvent } from "./door.ts";
import { feedCost } from "./feed_cost.ts";
import { Ingest } from "./ingest.ts";
import type { Continuation } from "./placing.ts";
import { RawTap } from "./raw_tap.ts";
import { Watch } from "./watch.ts";

/** How often the counters cross. */
const REPORT_MS = 1000;

/** A publisher is told so often how much has been read. */
const FED_BYTES = 64 * 1024;

const stop = new AbortController();
let source: Source | undefined;
let tap: RawTap | undefined;
let rawWanted = false;
/** Fed since the last `fed`, as `feedCost` counts. */
let unsaid = 0;
/** Messages so far. */
let posted = 0;
let ring: BatchRingWriter | undefined;

function post(event: IngestEvent, transferred: Transferable[] = []): void {
  posted++;
  self.postMessage(event, transferred);
}

function hand(batch: Batch): void {
  if (ring?.write(batch, posted)) return;
  const bytes = ring ? copyOf(batch.bytes) : batch.bytes; // with a ring they are lent
  post({ type: "batch", batch: { ...batch, bytes } }, [bytes.buffer]);
}

async function run(spec: SourceSpec, from: Continuation | undefined): Promise<void> {
  source = openSource(spec);
  const ingest = new Ingest({
    init: (segment) => post({ type: "init", segment }),
    batch: hand,
    status: (status) => post({ type: "status", status }),
    clock: (estimate) => post({ type: "clock", estimate }),
    idle: (reason) => post({ type: "idle", reason }),
    controls: (controls) => post({ type: "controls", controls }),
    note: (sentence) => post({ type: "note", sentence }),
    warn: (about, sentence) => post({ type: "warning", about, sentence }),
    unplayed: (sentence) => post({ type: "unplayed", sentence }),
    refused: source.refused ?? ((sentence) => post({ type: "refused", sentence })),
  }, {
    ...{ from, format: source.format, clock: source.clock, reliable: source.reliable },
    batches: ring ? "lent" : "kept",
  });
  const report = () => ({ counters: { ...ingest.counters }, continuation: ingest.continuation });
  const reports = setInterval(() => post({ type: "report", report: report() }), REPORT_MS);
  const watch = new Watch(ingest);
  tap = new RawTap(ingest, (bytes) => post({ type: "raw", bytes }, [bytes.buffer]));
  tap.on = rawWanted;
  try {
    await source.run(tap, stop.signal);
    tap.on = false; // what it holds crosses before the end does
    ingest.end();
    ring = undefined; // from its last word on it is no more this worker's
    post({ type: "ended", report: report() });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    ingest.end();
    ring = undefined;
    post({ type: "failed", reason: error.message, report: report() });
  } finally {
    clearInterval(reports);
    watch[Symbol.dispose]();
  }
}

function feed(bytes: Uint8Array): void {
  source?.feed?.(bytes);
  unsaid += feedCost(bytes);
  if (unsaid < FED_BYTES) return;
  post({ type: "fed", bytes: unsaid });
  unsaid = 0;
}

async function tell(id: number, command: SourceCommand): Promise<void> {
  try {
    if (!source?.command) throw new SourceError("this source cannot be told anything");
    await source.command(command);
    post({ type: "told", id });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    post({ type: "told", id, problem: error.message });
  }
}

self.onmessage = ({ data }: MessageEvent<IngestCommand>): void => {
  switch (data.type) {
    case "run":
      ring = data.ring && new BatchRingWriter(data.ring);
      void run(data.spec, data.from);
      return;
    case "stop":
      stop.abort();
      return;
    case "tell":
      void tell(data.id, data.command);
      return;
    case "frozen":
      source?.frozen?.();
      return;
    case "feed":
      feed(data.bytes);
      return;
    case "originClock":
      source?.originClock?.(data.estimate);
      return;
    case "feedEnd":
      source?.feedEnd?.();
      return;
    case "raw":
      rawWanted = data.on;
      if (tap) tap.on = data.on;
  }
};
post({ type: "ready" });
