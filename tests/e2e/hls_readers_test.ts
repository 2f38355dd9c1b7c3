/** Players that know nothing of low latency take plain HLS from the same address. */

import assert from "node:assert/strict";
import { run } from "../support/run.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("ffmpeg plays the playlist: both tracks, no picture missing", async () => {
  await using relay = await RelayProcess.start();
  const { stdout } = await run("ffmpeg", [
    ...["-v", "error", "-i", `${relay.url}/live/demo/index.m3u8`, "-t", "4"],
    ...["-map", "0:v:0", "-map", "0:a:0", "-vsync", "0", "-f", "framemd5", "-"],
  ]);
  const lines = stdout.split("\n").filter((line) => /^\d,/.test(line)).map((line) =>
    line.split(",")
  );
  const pictures = lines.filter(([track]) => track === "0").map(([, , pts]) => Number(pts));
  assert.ok(pictures.length >= 100, `${pictures.length} pictures`);
  const steps = new Set(pictures.slice(1).map((pts, at) => pts - (pictures[at] ?? pts)));
  assert.equal(steps.size, 1, `steps of ${[...steps]}`);
  assert.ok(lines.some(([track]) => track === "1"), "sound");
});
