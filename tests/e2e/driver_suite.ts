/**
 * Proves that a browser can be driven and has what the player needs, before anything is blamed on the
 * player: an ffmpeg-made fragmented MP4 through MediaSource (ManagedMediaSource where there is one).
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type BrowserName, DESKTOP, type Launch, PHONE } from "../support/browsers/browser.ts";
import { run } from "../support/run.ts";
import { serveFiles } from "../support/serve_files.ts";

/** Pictures in the clip: 2 s at 25 a second. */
const CLIP_FRAMES = 50;
/** Least width of a page where the browser has one of its own. */
const LEAST_WIDTH = { chromium: 320, firefox: 320, webkit: 447 } as const;

const PAGE = `<!doctype html><meta name="viewport" content="width=device-width">
<title>clip</title><video id="video" muted playsinline></video><button id="button">press</button>
<script type="module">
const Source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;
document.querySelector("#button").onclick = (event) => { globalThis.pressed = event.isTrusted; };
const source = new Source();
video.disableRemotePlayback = true;
video.src = URL.createObjectURL(source);
source.addEventListener("sourceopen", async () => {
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42c01e,mp4a.40.2"');
  buffer.addEventListener("updateend", () => source.endOfStream());
  buffer.appendBuffer(await (await fetch("clip.mp4")).arrayBuffer());
  await video.play();
}, { once: true });
console.error("an error on purpose");
</script>`;

/** Whether the clip has ended with more frames than that; a busy machine, which shows few in time, plays it again. */
function playsOn(frames: number): string {
  return `(() => {
    const video = document.querySelector("video");
    globalThis.plays ??= 1;
    if (!video.ended) return false;
    if (video.getVideoPlaybackQuality().totalVideoFrames > ${frames}) return true;
    globalThis.plays++;
    video.currentTime = 0;
    void video.play();
    return false;
  })()`;
}

/** Registers the tests of one browser. */
export function testDriver(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: a driven page plays fragmented MP4 through MediaSource`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-clip-" });
    try {
      await makeClip(join(folder, "clip.mp4"));
      await Deno.writeTextFile(join(folder, "index.html"), PAGE);
      await using server = serveFiles(folder);
      await using browser = await launch();
      assert.match(browser.version, /^\d+\./);
      await using page = await browser.open(server.url, { viewport: DESKTOP });

      await page.waitFor(playsOn(CLIP_FRAMES / 2), { what: "the clip's end, and its pictures" });
      const seen = await page.evaluate<
        { frames: number; plays: number; ranges: number; managed: boolean; changes: boolean }
      >(`{
        plays,
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
        ranges: video.buffered.length,
        managed: "ManagedMediaSource" in globalThis,
        changes: "changeType" in SourceBuffer.prototype,
      }`);
      assert.equal(seen.ranges, 1);
      assert.equal(seen.managed, name === "webkit");
      assert.equal(seen.changes, name !== "webkit", "WebKitGTK has no SourceBuffer.changeType");
      assert.ok(
        seen.frames > CLIP_FRAMES / 2 && seen.frames <= CLIP_FRAMES * seen.plays,
        `${seen.frames} of ${CLIP_FRAMES} frames, played ${seen.plays} times`,
      );

      await page.click("#button");
      assert.equal(await page.evaluate("globalThis.pressed"), true);
      const errors = page.errors();
      assert.equal(errors === undefined, name === "webkit");
      if (errors) assert.ok(errors.some((error) => error.includes("an error on purpose")));
      await assert.rejects(page.evaluate("nowhere.property"), /nowhere/);
      await assert.rejects(page.waitFor("0", { what: "nothing", timeoutMs: 100 }), /for nothing/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`${name}: a page has the size asked for, and its screenshot shows it`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-page-" });
    try {
      await Deno.writeTextFile(join(folder, "index.html"), PAGE);
      await using server = serveFiles(folder);
      await using browser = await launch();
      await using page = await browser.open(server.url, { viewport: PHONE });
      assert.equal(
        await page.evaluate("innerWidth"),
        Math.max(PHONE.width, LEAST_WIDTH[name]),
      );
      await page.viewport({ width: 320, height: 600 });
      await page.waitFor(`innerWidth === ${LEAST_WIDTH[name]}`, { what: "the narrow page" });
      const picture = join(folder, "page.png");
      await page.screenshot(picture);
      const head = (await Deno.readFile(picture)).subarray(1, 4);
      assert.equal(new TextDecoder().decode(head), "PNG");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function makeClip(path: string): Promise<void> {
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "2"],
    ...["-c:v", "libx264", "-profile:v", "baseline", "-level", "3.0", "-pix_fmt", "yuv420p"],
    ...["-preset", "ultrafast", "-g", "25", "-c:a", "aac"],
    ...["-movflags", "frag_keyframe+empty_moov+default_base_moof+delay_moov", path],
  ]);
}
