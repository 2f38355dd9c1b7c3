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
      times.slice(1).forEach((time, at) => {
        const step = time - (times[at] ?? 0);
        assert.ok(Math.abs(step - 1 / 30) < 0.001, `a step of ${step} s after picture ${at}`);
      });
      if (file === "index.m3u8") assert.match(stdout, /hlsdemux/i);
    });
  }
});
