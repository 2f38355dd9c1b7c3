/**
 * What `v4l2-ctl --verbose --stream-to-hdr=-` writes of a camera that makes H.264, as a program:
 * `v4l2_stream.ts FPS FRAMES SETS`. Frames are numbered by their seed; `SETS` `apart` gives parameter sets a buffer of their
 * own, as a Raspberry Pi's old driver does.
 *
 * @module
 */

import { annexB, pps, slice, sps } from "./avc_builder.ts";

const [fps = "30", frames = "0", sets = "within"] = Deno.args;
const GROUP = 30;
/** When the first was taken, µs of a clock that nobody else has. */
const START = 1_234_000_000;
const encoder = new TextEncoder();

function write(bytes: Uint8Array, sequence: number, at: number): void {
  const head = new Uint8Array(8);
  head.set([0x72, 0x64, 0x68, 0x56]);
  new DataView(head.buffer).setUint32(4, bytes.length);
  for (const part of [head, bytes]) {
    for (let done = 0; done < part.length;) done += Deno.stdout.writeSync(part.subarray(done));
  }
  const seconds = `${Math.floor(at / 1e6)}.${String(at % 1e6).padStart(6, "0")}`;
  Deno.stderr.writeSync(encoder.encode(
    `cap dqbuf: ${
      sequence % 4
    } seq: ${sequence} bytesused: ${bytes.length} ts: ${seconds} (ts-monotonic, ts-src-eof)\n`,
  ));
}

let sequence = 0;
const count = Number(frames) || Infinity;
const began = performance.now();
for (let frame = 0; frame < count; frame++) {
  const key = frame % GROUP === 0;
  const at = START + Math.round((frame * 1e6) / Number(fps));
  const picture = annexB([slice({ key, seed: frame, bytes: 200 })]);
  const head = annexB([sps(), pps()]);
  if (key && sets === "apart") write(head, sequence++, at);
  const whole = new Uint8Array([...(key && sets !== "apart" ? head : []), ...picture]);
  write(whole, sequence++, at);
  const due = began + ((frame + 1) * 1000) / Number(fps);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
}
