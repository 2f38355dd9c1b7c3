/**
 * Other programs' ways from MPEG-TS to fragmented MP4, for benches to stand beside: `rival_remuxers.ts NAME IN OUT`
 * remuxes one file with one library, as its documentation shows.
 *
 * @module
 */

import {
  ALL_FORMATS,
  Conversion,
  FilePathSource,
  FilePathTarget,
  Input,
  Mp4OutputFormat,
  Output,
} from "npm:mediabunny@1.61.0";
import { openTransmuxer } from "./mux_js.ts";

const READ_BYTES = 1 << 20;

/** mux.js: a browser's library, so the file is read and written around it; a flush is a segment's end, here the file's. */
async function withMuxJs(source: string, out: string): Promise<void> {
  using input = await Deno.open(source);
  using output = await Deno.open(out, { write: true, create: true, truncate: true });
  const transmuxer = openTransmuxer({ keepOriginalTimestamps: true });
  let begun = false;
  transmuxer.on("data", ({ initSegment, data }) => {
    if (!begun) output.writeSync(initSegment);
    begun = true;
    output.writeSync(data);
  });
  const buffer = new Uint8Array(READ_BYTES);
  for (let count = await input.read(buffer); count !== null; count = await input.read(buffer)) {
    transmuxer.push(buffer.slice(0, count));
  }
  transmuxer.flush();
}

/** mediabunny: a conversion that copies every packet. */
async function withMediabunny(source: string, out: string): Promise<void> {
  const input = new Input({ source: new FilePathSource(source), formats: ALL_FORMATS });
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: "fragmented" }),
    target: new FilePathTarget(out),
  });
  const conversion = await Conversion.init({ input, output, showWarnings: false });
  await conversion.execute();
}

/** One line a library. */
const RIVALS = { "mux.js": withMuxJs, mediabunny: withMediabunny } as const;

if (import.meta.main) {
  const [name = "", source = "", out = ""] = Deno.args;
  await RIVALS[name as keyof typeof RIVALS](source, out);
}
