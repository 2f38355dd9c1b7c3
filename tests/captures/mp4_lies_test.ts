/** A real MP4 whose tables lie about where its samples are: no more comes of it than it holds. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findBox, findBoxes, u32At } from "../../shared/mp4/box_reader.ts";
import { findCaptures } from "../run/captures.ts";
import { Ingested } from "../support/ingested.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };
const read = (): Promise<Uint8Array<ArrayBuffer>> =>
  Deno.readFile(join(folder ?? "", "mp4/mp4ff_prog_8s.mp4"));

/** The tables of that name, one a track: views of the file. */
function tables(file: Uint8Array<ArrayBuffer>, name: string): DataView[] {
  return [...findBoxes(file, "moov/trak/mdia/minf/stbl")].map(({ body }) => {
    const table = findBox(body, name)?.body ?? new Uint8Array(0);
    return new DataView(table.buffer, table.byteOffset, table.length);
  });
}

function through(file: Uint8Array): Ingested {
  const out = new Ingested({ clock: "rate" }).push(file);
  out.ingest.end();
  return out;
}

Deno.test(
  "MP4: chunks that all lie in one place make no flood of a few bytes",
  options,
  async () => {
    const file = await read();
    for (const chunks of tables(file, "stco")) {
      const count = u32At(new Uint8Array(chunks.buffer, chunks.byteOffset, chunks.byteLength), 4);
      for (let i = 1; i < count; i++) chunks.setUint32(8 + 4 * i, chunks.getUint32(8));
    }
    const sent = through(file).batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(sent <= file.length, `${sent} bytes of ${file.length}`);
  },
);
