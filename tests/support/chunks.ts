/**
 * One stream cut in many ways: whatever the cuts, the same must come out.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Ingested, samplesOf } from "./ingested.ts";
import { randomFrom } from "./random.ts";

/** Sizes of the pieces, one after the other. */
export interface Cuts {
  readonly name: string;
  next(): number;
}

/** Cuts that have found faults elsewhere, and random ones of these seeds. */
export function cutsOf(seeds: readonly number[]): Cuts[] {
  const fixed = [7, 187, 188, 189, 376, 1316, 1328, 40_000, 70_000].map((size): Cuts => ({
    name: `${size} bytes each`,
    next: () => size,
  }));
  const random = seeds.flatMap((seed): Cuts[] => {
    const [small, large, mixed] = [randomFrom(seed), randomFrom(seed), randomFrom(seed)];
    return [
      { name: `up to 300 bytes, seed ${seed}`, next: () => 1 + small(300) },
      { name: `up to 5000 bytes, seed ${seed}`, next: () => 1 + large(5000) },
      { name: `mostly tiny, seed ${seed}`, next: () => 1 + mixed(mixed(20) ? 3 : 9000) },
    ];
  });
  return [...fixed, ...random];
}

/** Byte by byte. */
export const SINGLE_BYTES: Cuts = { name: "single bytes", next: () => 1 };

/** What came out of a stream, one line each: init segments, samples with times, keys and payloads, the counters. */
export function product(bytes: Uint8Array, cuts: Cuts): string[] {
  const out = new Ingested({ clock: "rate" });
  for (let at = 0; at < bytes.length;) {
    const size = cuts.next();
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  out.ingest.end();
  const digest = (part: Uint8Array): string => createHash("sha1").update(part).digest("hex");
  return [
    ...out.segments.map(({ generation, mime, bytes: init }) =>
      `${generation} ${mime} ${digest(init)}`
    ),
    ...out.batches.flatMap(samplesOf).sort((a, b) =>
      a.generation - b.generation || a.track - b.track
    )
      .map(({ generation, track, dts, pts, key, payload }) =>
        `${generation}/${track} ${dts} ${pts} ${key ? "key" : "-"} ${digest(payload)}`
      ),
    ...Object.entries(out.ingest.counters).map(([name, count]) => `${name} ${count}`),
    ...out.notes,
  ];
}

/** Fails where any of `cuts` gives another product than the stream in one piece. */
export function assertInvariant(bytes: Uint8Array, cuts: readonly Cuts[]): void {
  const whole = product(bytes, { name: "whole", next: () => bytes.length });
  for (const each of cuts) assert.deepEqual(product(bytes, each), whole, each.name);
}
