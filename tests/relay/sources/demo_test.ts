/** The demo clip as a source, and its seam through the whole pipeline. */
import assert from "node:assert/strict";
import { Ingest } from "../../../relay/ingest/ingest.ts";
import { demo } from "../../../relay/sources/demo.ts";
import { openFile } from "../../../relay/sources/file.ts";
import type { Batch, InitSegment } from "../../../shared/media.ts";
import { micros } from "../../../shared/units.ts";
import { RecordingOutput } from "../../support/source_output.ts";

Deno.test("the clip is there, in bounds, and all that may be read", async () => {
  const spec = demo.parse("demo");
  assert.deepEqual(spec.permissions, { read: [spec.path] });
  const { size } = await Deno.stat(spec.path);
  assert.ok(size > 500_000 && size <= 1_500_000 && size % 188 === 0, `${size} bytes`);
  assert.equal(spec.finite, false);
});

Deno.test("demo takes neither path nor options", () => {
  assert.throws(() => demo.parse("demo:x"), /nothing follows it/);
  assert.throws(() => demo.parse("demo?loop"), /no option "loop" here/);
});

Deno.test("it plays in real time, from its first packet", async () => {
  const spec = demo.parse("demo");
  const clip = await Deno.readFile(spec.path);
  const out = new RecordingOutput((seen) => micros(seen.bytes().length / clip.length * 8e6));
  const controller = new AbortController();
  const playing = demo.open(spec).run(out, controller.signal);
  await out.until((seen) => seen.all("data").length >= 40);
  controller.abort();
  await playing;
  const bytes = out.bytes();
  assert.deepEqual(bytes, clip.slice(0, bytes.length));
  const [first, last] = [out.all("data")[0], out.all("data").at(-1)];
  assert.ok(first && last);
  assert.ok(last.arrival - first.arrival > 250_000, "40 datagrams' worth are a third of a second");
});

Deno.test("round after round it is one stream: no picture, no sound, no tick missing at the seam", async () => {
  const batches: Batch[] = [];
  const inits: InitSegment[] = [];
  const ingest = new Ingest({
    init: (segment) => void inits.push(segment),
    batch: (batch) => void batches.push(batch),
    status: () => undefined,
    note: (sentence) => assert.fail(sentence),
  });
  const controller = new AbortController();
  const source = openFile({ ...demo.parse("demo"), pace: "fast" });
  let rounds = 0;
  const discontinuity = ingest.discontinuity.bind(ingest);
  ingest.discontinuity = (kind) => {
    discontinuity(kind);
    if (++rounds === 3) controller.abort();
  };
  await source.run(ingest, controller.signal);
  ingest.end();
  assert.equal(inits.length, 1, "one generation");
  assert.deepEqual(inits[0]?.tracks.map(({ codec }) => codec), ["avc1.4d401f", "mp4a.40.2"]);
  const times = (track: number): number[] =>
    batches.flatMap(({ fragments }) => fragments.filter((fragment) => fragment.track === track))
      .flatMap(({ dts, duration, sizes }) =>
        sizes.map((_, i) => dts + Math.round(i * duration / sizes.length))
      );
  const [pictures, sounds] = [times(1), times(2)];
  assert.deepEqual([pictures.length, sounds.length], [3 * 240, 3 * 375]);
  for (const [i, dts] of pictures.entries()) assert.equal(dts, (pictures[0] ?? 0) + i * 3000);
  for (const [i, dts] of sounds.entries()) assert.equal(dts, (sounds[0] ?? 0) + i * 1024);
  assert.equal((pictures[0] ?? 0) / 90_000, (sounds[0] ?? 0) / 48_000, "both begin together");
  const { counters } = ingest;
  assert.deepEqual([counters.continuityGaps, counters.damagedAccessUnits, counters.unreadable], [
    0,
    0,
    0,
  ]);
});
