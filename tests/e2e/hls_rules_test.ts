/** A live session of Low-Latency HLS from a relay, each MUST of RFC 8216bis checked, across a change of generation. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { figure } from "../support/figure.ts";
import { HlsSession } from "../support/hls/hls_session.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** Long enough for delta updates, and for segments to leave the list; `deno task soak hls` takes ten minutes. */
const SECONDS = 18;

Deno.test("a session of parts, delta updates and another rate and size breaks no rule", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-hls-rules-" });
  try {
    const [slow, quick, clip] = ["slow.ts", "quick.ts", "clip.ts"].map((name) =>
      join(folder, name)
    );
    if (!slow || !quick || !clip) throw new Error("three paths");
    const common = { seconds: 12, sound: true } as const;
    await makeTransportStream(slow, { ...common, rate: 15, group: 15, size: "320x180" });
    await makeTransportStream(quick, { ...common, rate: 30, group: 30, size: "640x360" });
    await joinTransportStreams(clip, [slow, quick]);
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}`] });
    const report = await new HlsSession(`${relay.url}/live/cam/index.m3u8`).run(SECONDS);
    const { problems, reloads, deltas, parts, segments, discontinuities } = report;
    figure(`${reloads} reloads, ${segments} segments, ${parts} parts`);
    assert.deepEqual(problems, []);
    assert.ok(segments >= 12 && parts > segments);
    assert.ok(deltas > 0, "delta updates");
    assert.equal(discontinuities, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
