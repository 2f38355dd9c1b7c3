/**
 * `v4l2-ctl --verbose --stream-to-hdr=-`, as a program that plays a recording of it: `v4l2_playback.ts FOLDER [START]`. Each
 * buffer leaves at its time, its line behind it. `START` is when the first does, ms since the Unix epoch.
 *
 * @module
 */

import { join } from "node:path";

const [folder = ".", start] = Deno.args;
const stream = await Deno.readFile(join(folder, "recording.hdr"));
const view = new DataView(stream.buffer);
const lines = (await Deno.readTextFile(join(folder, "recording.lines"))).split("\n");
const encoder = new TextEncoder();
const taken = (line: string): number => Number(/ ts: ([\d.]+)/.exec(line)?.[1]) * 1000;
const began = start === undefined ? Date.now() : Number(start);

let at = 0;
for (const line of lines) {
  if (at >= stream.length) break;
  const due = began + taken(line) - taken(lines[0] ?? "");
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
  const end = at + 8 + view.getUint32(at + 4);
  while (at < end) at += Deno.stdout.writeSync(stream.subarray(at, end));
  Deno.stderr.writeSync(encoder.encode(`${line}\n`));
}
