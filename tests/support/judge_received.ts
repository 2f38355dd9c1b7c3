/**
 * What a viewer received, judged as a file by ffmpeg and ffprobe.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { ffprobe } from "./ffprobe.ts";
import { run } from "./run.ts";
import type { Viewer } from "./viewer.ts";

/**
 * Judges the messages of the generation that has most of them: decoded without a word, times that go on.
 * @returns pictures there are, and codecs in alphabetical order.
 */
export async function judgeReceived(
  viewer: Viewer,
): Promise<{ readonly pictures: number; readonly codecs: readonly string[] }> {
  const sizes = new Map<number, number>();
  for (const { generation } of viewer.media) {
    sizes.set(generation, (sizes.get(generation) ?? 0) + 1);
  }
  const [[generation] = [0]] = [...sizes].sort(([, a], [, b]) => b - a);
  const messages = viewer.media.filter((message) => message.generation === generation);
  const folder = await Deno.makeTempDir({ prefix: "rill-received-" });
  try {
    const path = join(folder, "received.mp4");
    await Deno.writeFile(path, concatBytes(messages.map(({ bytes }) => bytes)));
    // As they are timed: at a rate of its own ffmpeg would put two pictures of an uneven stream on one tick.
    const asTimed = ["-vsync", "passthrough", "-enc_time_base", "1:90000"];
    const { stderr } = await run("ffmpeg", [
      ...["-v", "error", "-i", path, ...asTimed, "-f", "null", "-"],
    ]);
    assert.equal(stderr, "");
    const entries = "stream=codec_name,nb_read_packets:packet=codec_type,dts,pts";
    const report = await ffprobe(path, {
      args: ["-count_packets", "-show_packets", "-show_entries", entries],
    }) as {
      streams: { codec_name: string; nb_read_packets: string }[];
      packets: { codec_type: string; dts: number; pts: number }[];
    };
    for (const kind of ["video", "audio"]) {
      const packets = report.packets.filter(({ codec_type }) => codec_type === kind);
      packets.forEach(({ dts, pts }, i) => {
        assert.ok(dts > (packets[i - 1]?.dts ?? -Infinity), `${kind}: decode times go on`);
        assert.ok(pts >= dts, `${kind}: decoded before it is shown`);
      });
    }
    const pictures = report.streams.find(({ codec_name }) => codec_name === "h264");
    return {
      pictures: Number(pictures?.nb_read_packets),
      codecs: report.streams.map(({ codec_name }) => codec_name).sort(),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
