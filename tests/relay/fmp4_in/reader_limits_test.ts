/** MP4 whose boxes state more than can be: it is said, and what follows is found. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { Sample } from "../../../shared/media.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { writeVideoFragment } from "../../../relay/fmp4/fragment.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { buildFragment } from "../../support/fragments.ts";
import {
  AUDIO,
  Ingested,
  type OutSample,
  payloadText,
  samplesOf,
  steps,
  VIDEO,
} from "../../support/ingested.ts";

const MEBIBYTE = 1024 * 1024;
/** Of the reader: what is put together whole. */
const WHOLE = 64 * MEBIBYTE;
const PICTURES = 16;

/** What another relay sends of a camera: two groups of eight pictures. */
function upstream(): { readonly out: Ingested; readonly init: Bytes; readonly parts: Bytes[] } {
  const out = new Ingested().push(new CameraStream().tables().group(8).group(8).take());
  out.ingest.end();
  return {
    out,
    init: concatBytes(out.segments.map(({ bytes }) => bytes)),
    parts: out.batches.map(({ bytes }) => bytes),
  };
}

function box(type: string, bytes: number): Bytes {
  const w = new ByteWriter(8);
  w.u32(bytes);
  w.fourcc(type);
  return w.written();
}

/** Zeros, piece by piece: they are no box. */
function pushZeros(into: Ingested, bytes: number): void {
  const piece = new Uint8Array(MEBIBYTE);
  for (let left = bytes; left > 0; left -= piece.length) {
    into.push(piece.subarray(0, Math.min(left, piece.length)));
  }
}

function texts(out: Ingested): string[] {
  return out.samples(VIDEO).map(payloadText);
}

Deno.test("a fragment's header that says it is 40 MiB swallows no picture that follows", () => {
  const { out, init, parts } = upstream();
  const through = new Ingested().push(init).push(box("moof", 40 * MEBIBYTE));
  for (const part of parts) through.push(part);
  assert.deepEqual(texts(through), texts(out));
  assert.match(
    through.notes.join(),
    /fragment of this MP4 is larger than 64 MiB.*every few seconds/,
  );
});

Deno.test("a fragment that is larger than any may be is passed over, whole as it is, and the next are played", () => {
  const { out, init, parts } = upstream();
  const sample: Sample = {
    dts: ticks(0),
    pts: ticks(0),
    key: true,
    arrival: micros(0),
    duration: ticks(3000),
    units: [],
  };
  const w = new ByteWriter(1024);
  const payloadBytes = WHOLE - 16;
  writeVideoFragment(w, sample, { track: VIDEO, sequence: 1, duration: ticks(3000), payloadBytes });
  const MOOF = 32; // behind the prft
  const padding = 900 * 1024; // less than would speak against the media's size
  w.patchU32(MOOF, w.position - 8 - MOOF + padding);
  const through = new Ingested().push(init).push(w.written().slice(0, -8));
  through.push(box("free", padding));
  pushZeros(through, padding - 8);
  through.push(w.written().slice(-8)); // the mdat's header
  pushZeros(through, payloadBytes);
  assert.ok(through.ingest.counters.resyncBytes >= payloadBytes);
  for (const part of parts) through.push(part);
  assert.deepEqual(texts(through), texts(out));
  assert.equal(through.notes.length, 1, "said once");
});

Deno.test("behind a loss, another relay's pictures are held until the next key picture, as a camera's", () => {
  const { out, init, parts } = upstream();
  const torn = parts.map((part) => part.slice());
  torn[10]?.set([0x7f, 0xff, 0xff, 0xff], 0); // in the second group, which is short
  const through = new Ingested().push(init);
  for (const part of torn) through.push(part);
  const more = new Ingested().push(new CameraStream().tables().group(8).group(8).group(8).take());
  more.ingest.end();
  for (const { bytes } of more.batches.slice(PICTURES)) through.push(bytes);
  const came = texts(through);
  const sent = texts(more);
  assert.deepEqual(came, [...sent.slice(0, 10), ...sent.slice(PICTURES)]);
  assert.deepEqual(texts(out), sent.slice(0, PICTURES), "the same camera");
  assert.ok(through.ingest.counters.heldAccessUnits >= 5);
});

/** What a sample's fragment states, where it is not as usual. */
interface Stated {
  readonly duration?: number;
  readonly compositionOffset?: number;
}

/** Samples of {@link upstream} by a muxer that is none of ours, a fragment each; `wrong` says what the `at`th states. */
function byAnother(
  { out, init }: ReturnType<typeof upstream>,
  { of, at, wrong }: { readonly of: number; readonly at: number; readonly wrong: Stated },
): Ingested {
  const brand = new TextDecoder("latin1").decode(init.subarray(0, 64)).indexOf("rill");
  const foreign = init.slice();
  foreign.set(new TextEncoder().encode("xxxx"), brand);
  const through = new Ingested().push(foreign);
  const seen = new Map<number, number>();
  for (const { track, dts, key, payload } of out.batches.flatMap(samplesOf)) {
    const count = seen.get(track) ?? 0;
    seen.set(track, count + 1);
    const usual = { duration: track === VIDEO ? 3000 : 1024, compositionOffset: 0 };
    const stated = track === of && count === at ? { ...usual, ...wrong } : usual;
    through.push(buildFragment({
      trafs: [{
        track,
        dts,
        trunVersion: 1,
        samples: [{ ...stated, size: payload.length, flags: key ? 0x0200_0000 : 0x0101_0000 }],
      }],
      payload,
    }));
  }
  through.ingest.end();
  return through;
}

const same = (a: readonly OutSample[], b: readonly OutSample[]): void =>
  assert.deepEqual(a.map(payloadText), b.map(payloadText));

Deno.test("a frame of sound that says it lasts for hours silences none that follows", () => {
  const from = upstream();
  const through = byAnother(from, { of: AUDIO, at: 4, wrong: { duration: 0x7fff_ffff } });
  const sounds = from.out.samples(AUDIO);
  same(through.samples(AUDIO), sounds.toSpliced(4, 1));
  assert.deepEqual(steps(through.times(AUDIO)).filter((step) => step !== 1024), [2048]);
  assert.equal(through.ingest.counters.unreadable, 1);
});

for (
  const [name, compositionOffset] of [["hours before", -0x7fff_ffff], [
    "hours after",
    0x7fff_ffff,
  ]] as const
) {
  Deno.test(`a picture that says it is shown ${name} it is decoded moves no other`, () => {
    const from = upstream();
    const through = byAnother(from, { of: VIDEO, at: 3, wrong: { compositionOffset } });
    same(through.samples(VIDEO), from.out.samples(VIDEO));
    assert.equal(through.segments.length, 1);
    assert.deepEqual(new Set(steps(through.times(VIDEO))), new Set([3000]));
    assert.ok(through.samples(VIDEO).every(({ dts, pts }) => pts === dts));
  });
}
