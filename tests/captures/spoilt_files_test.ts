/**
 * Real captures that are not MPEG-TS, spoilt anywhere: nothing is thrown, no more comes out than went in, and every time
 * that comes out can be. As many for each as `RILL_MUTATIONS` says; a failure names its seed.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { figure } from "../support/figure.ts";
import { AUDIO, Ingested, VIDEO } from "../support/ingested.ts";
import { randomFrom } from "../support/random.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
const USUAL = 200;
const count = Number(Deno.env.get("RILL_MUTATIONS") ?? USUAL);
const MAX_BYTES = 200_000;
const MOST_PLACES = 12;
/** Where indexes and parameter sets are: spoilt more often than media. */
const HEAD_BYTES = 4000;
const MOST_AT_ONCE = 20_000;
/** Boxes around many small samples, and an index. */
const OVERHEAD = { times: 4, bytes: 100_000 };
/** 90 kHz: no picture is shown so long after it is decoded. */
const MAX_SHOWN_LATER = 10 * 90_000;

type Random = (below: number) => number;

const SPOILING: readonly ((bytes: Uint8Array, at: number, random: Random) => void)[] = [
  (bytes, at, random) => bytes[at] = random(256),
  (bytes, at, random) => bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8)),
  (bytes, at) => bytes.fill(0xff, at, at + 4),
  (bytes, at) => bytes.fill(0, at, at + 4),
  (bytes, at, random) => bytes.copyWithin(at, random(bytes.length), random(bytes.length)),
];

function spoil(bytes: Uint8Array, random: Random): void {
  for (let i = random(MOST_PLACES); i >= 0; i--) {
    const at = random(random(3) === 0 ? Math.min(HEAD_BYTES, bytes.length) : bytes.length);
    SPOILING[random(SPOILING.length)]?.(bytes, at, random);
  }
}

function files(): string[] {
  if (folder === undefined) return [];
  return ["mp4", "annexb", "adts"].flatMap((part) =>
    [...Deno.readDirSync(join(folder, part))].map(({ name }) => `${part}/${name}`)
  ).filter((path) => Deno.statSync(join(folder, path)).size <= MAX_BYTES).sort();
}

function assertBounded(out: Ingested, bytes: number, what: string): void {
  const sent = out.batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
  assert.ok(sent <= OVERHEAD.times * bytes + OVERHEAD.bytes, `${sent} bytes of ${bytes}, ${what}`);
  for (const { dts, pts } of [VIDEO, AUDIO].flatMap((track) => out.samples(track))) {
    assert.ok(Number.isSafeInteger(Math.round(dts)) && dts >= 0, `decoded at ${dts}, ${what}`);
    assert.ok(pts >= dts && pts - dts <= MAX_SHOWN_LATER, `${dts}, shown at ${pts}, ${what}`);
  }
}

for (const path of files()) {
  Deno.test(`spoilt, it throws nothing and makes no flood: ${path}`, async () => {
    const whole = await Deno.readFile(join(media, path));
    for (let seed = 1; seed <= count; seed++) {
      const random = randomFrom(seed);
      const bytes = whole.slice();
      spoil(bytes, random);
      const out = new Ingested({ clock: random(2) === 0 ? "rate" : "arrival" });
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random(MOST_AT_ONCE);
        out.push(bytes.subarray(at, end), at / 100);
        at = end;
      }
      out.ingest.end();
      assertBounded(out, bytes.length, `seed ${seed}`);
    }
    figure(`spoilt: ${count} of ${path} survived, seeds 1 to ${count}`);
  });
}
