/** MP4 whose boxes state more than can be: it is said, and what follows is found. */

import assert from "node:assert/strict";
import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { Sample } from "../../../shared/media.ts";
import { micros, ticks } from "../../../shared/units.ts";
import { ByteWriter } from "../../../relay/bytes/byte_writer.ts";
import { writeVideoFragment } from "../../../relay/fmp4/fragment.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { Ingested, payloadText, VIDEO } from "../../support/ingested.ts";

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
