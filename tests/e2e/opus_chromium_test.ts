/**
 * Opus in a transport stream, as ffmpeg makes it: Chromium shows the pictures and plays the sound, and ffprobe finds
 * every packet in what was recorded.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { launchChromium } from "../support/browsers/chromium.ts";
import { DESKTOP } from "../support/browsers/browser.ts";
import { makeTransportStream } from "../support/clips.ts";
import { untilStats } from "../support/player_page.ts";
import { record } from "../support/record_process.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";

/** Hashes of the sound packets. */
async function packets(file: string): Promise<string[]> {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "a", "-show_packets", "-show_data_hash", "md5"],
    ...["-show_entries", "packet=data_hash", "-of", "csv=p=0", file],
  ]);
  return stdout.match(/MD5:[0-9a-f]+/g) ?? [];
}

Deno.test("chromium: Opus in a transport stream is heard; recorded, it is packet for packet what was sent", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-opus-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 6, sound: "opus" });
    const recorded = join(folder, "clip.mp4");
    await record([`file:${clip}?pace=fast`, recorded]);
    const sent = await packets(clip);
    assert.ok(sent.length > 250);
    assert.deepEqual(await packets(recorded), sent);

    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using browser = await launchChromium();
    await using page = await browser.open(`${relay.url}/live/cam?muted=true`, {
      viewport: DESKTOP,
    });
    await untilStats(page, {
      what: "pictures",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
    });
    await page.click("button[aria-label=Unmute]");
    await untilStats(page, {
      what: "sound",
      accept: ({ soundLateMs }) => soundLateMs !== null,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
