/** GStreamer, which shares no code with ffmpeg or browsers, plays the playlist (its hlsdemux2) and the transport stream. */

import assert from "node:assert/strict";
import { run } from "../support/run.ts";
import { RelayProcess } from "../support/relay_process.ts";

const PICTURES = 60;

Deno.test("GStreamer plays the HLS playlist and stream.ts: decoded pictures, a thirtieth apart", async (test) => {
  await using relay = await RelayProcess.start();
  for (const file of ["index.m3u8", "stream.ts"]) {
    await test.step(file, async () => {
      const { stdout } = await run("gst-launch-1.0", [
        ...["-v", "playbin3", "flags=1", `uri=${relay.url}/live/demo/${file}`], // 1: pictures only
        `video-sink=fakesink num-buffers=${PICTURES} silent=false sync=false`,
      ]);
      const times = stdout.split("\n").flatMap((line) => {
        const time = /last-message = chain .* pts: 0:(\d\d):([\d.]+),/.exec(line);
        return time ? [Number(time[1]) * 60 + Number(time[2])] : [];
      });
      assert.equal(times.length, PICTURES);
      const steps = times.slice(1).map((time, at) => (time - (times[at] ?? 0)) * 30);
      steps.forEach((step, at) => {
        assert.ok(Math.abs(step - Math.round(step)) < 0.03 && step > 0.9, `${step} after ${at}`);
      });
      // A player of playlists that a busy machine kept waiting goes to the live edge: once at most in two seconds.
      const jumps = steps.filter((step) => step > 1.1).length;
      assert.ok(jumps <= (file === "index.m3u8" ? 1 : 0), `${jumps} jumps: ${steps}`);
      if (file === "index.m3u8") assert.match(stdout, /hlsdemux/i);
    });
  }
});
