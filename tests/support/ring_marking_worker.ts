/**
 * In place of an ingest worker: tells what mark stands in its ring, leaves its own, and ends; but not where that is below 0.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { IngestCommand } from "../../relay/ingest/door.ts";

/** The ring's word that says nothing. */
const MARK = 3;

self.onmessage = ({ data }: MessageEvent<IngestCommand>): void => {
  if (data.type !== "run" || !data.ring) return;
  const control = new Int32Array(data.ring, 0, MARK + 1);
  const { generation } = data.from ?? { generation: 0 };
  self.postMessage({ type: "note", sentence: `${control[MARK]}` });
  control[MARK] = generation;
  const report = { counters: {}, continuation: { generation, end: 0 } };
  if (generation >= 0) self.postMessage({ type: "failed", reason: "as usual", report });
};
self.postMessage({ type: "ready" });
