/**
 * In place of an ingest worker: tells what mark stands in its ring, leaves its own, and ends: where that is even it has
 * failed in words, where it is odd it breaks. Where it is below 0 it does not end.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { IngestCommand } from "../../relay/ingest/door.ts";

/** The ring's word that says nothing. */
const MARK = 4;

self.onmessage = ({ data }: MessageEvent<IngestCommand>): void => {
  if (data.type !== "run" || !data.ring) return;
  const control = new Int32Array(data.ring.memory, 0, MARK + 1);
  const { generation } = data.from ?? { generation: 0 };
  self.postMessage({ type: "note", sentence: `${control[MARK]}` });
  control[MARK] = generation;
  const report = { counters: {}, continuation: { generation, end: 0 } };
  if (generation < 0) return;
  if (generation % 2 !== 0) throw new Error("a fault of its own");
  self.postMessage({ type: "failed", reason: "as usual", report });
};
self.postMessage({ type: "ready" });
