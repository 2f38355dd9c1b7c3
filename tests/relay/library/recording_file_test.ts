/** What a recording's file tells of itself, of whatever length; and names of recordings. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { newId, readRecordingId } from "../../../relay/library/places.ts";
import { readRecordingFile } from "../../../relay/library/recording_file.ts";
import { boxHeaderAt } from "../../../shared/mp4/box_reader.ts";
import { run } from "../../support/run.ts";

const HOLDING = new Set(["moov", "trak", "mdia", "minf", "stbl"]);
/** More than a reader of thousands of files could take in of each. */
const LONG = 400 << 20;

/** Makes the last table of the index at the file's end so much longer, as an index of weeks is: all of it is zeros. */
async function lengthenIndex(path: string, by: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  for (let at = 0, end = bytes.length; at < end;) {
    const header = boxHeaderAt(bytes, at);
    assert.ok(header?.byteLength !== undefined);
    const next = at + header.byteLength;
    if (next === end) view.setUint32(at, header.byteLength + by);
    if (next < end) at = next;
    else if (HOLDING.has(header.type)) at += header.headerBytes;
    else break;
  }
  await Deno.writeFile(path, bytes);
  await Deno.truncate(path, bytes.length + by);
}

Deno.test("tracks and length are read without the tables of samples, which may be of any size", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-recording-file-" });
  try {
    const path = join(folder, "clip.mp4");
    await run("ffmpeg", [
      ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2"],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"],
      ...["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-map_metadata", "-1"],
      ...["-fflags", "+bitexact", "-f", "mp4", path],
    ]);
    const before = await readRecordingFile(path);
    assert.deepEqual(before?.tracks.map(({ codec }) => codec), ["avc1", "mp4a"]);
    assert.equal(Math.round(before.seconds ?? 0), 2);
    await lengthenIndex(path, LONG);
    assert.deepEqual(await readRecordingFile(path), before);
    // One whose end is missing is no index.
    await Deno.truncate(path, (await Deno.stat(path)).size - 1);
    assert.equal(await readRecordingFile(path), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is no MP4, or holds nothing but boxes, tells nothing, and takes no time", async () => {
  const path = await Deno.makeTempFile({ prefix: "rill-recording-file-" });
  try {
    await Deno.writeTextFile(path, "not at all");
    assert.equal(await readRecordingFile(path), undefined);
    // A million empty boxes in an index.
    const count = 1_000_000;
    const bytes = new Uint8Array(8 + 8 * count);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length);
    bytes.set(new TextEncoder().encode("moov"), 4);
    for (let at = 8; at < bytes.length; at += 8) view.setUint32(at, 8);
    await Deno.writeFile(path, bytes);
    assert.deepEqual(await readRecordingFile(path), { tracks: [] });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a recording of a board that woke in 1970 has a name as any other", () => {
  const id = newId("field/cam", 12_345_678);
  assert.deepEqual(readRecordingId(id), {
    id: "field/cam/0000012345678",
    stream: "field/cam",
    startedAt: new Date(12_345_678),
  });
  assert.equal(newId("cam", 1_700_000_000_000), "cam/1700000000000");
});
