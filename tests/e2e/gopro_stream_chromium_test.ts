/** gopro-stream's gateway in front of Chromium: the listener's page plays, and so does a page that plays as the original's. */

import assert from "node:assert/strict";
import { launchChromium } from "../support/browsers/chromium.ts";
import { makeTransportStream } from "../support/clips.ts";
import { gatewayMessages } from "../support/gopro_gateway.ts";
import { SegmentClient } from "../support/gopro_stream_client.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { serveFiles } from "../support/serve_files.ts";

const CLIP = { seconds: 40, rate: 30, group: 15, sound: true };
/** A group of the clip's takes so long. */
const MESSAGE_MS = 500;

/** Plays as the original's page: one `SourceBuffer` of fixed codecs, every message appended, a seek to where it begins. */
function originalLikePage(url: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Original</title><link rel="icon" href="data:,">
<video autoplay muted></video><script>
const video = document.querySelector("video"), source = new MediaSource(), queue = [];
window.appended = 0;
video.src = URL.createObjectURL(source);
source.onsourceopen = () => {
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.4d4015, mp4a.40.2"');
  const next = () => {
    if (buffer.updating || queue.length === 0) return;
    buffer.appendBuffer(queue.shift());
    window.appended++;
  };
  buffer.onupdateend = () => {
    if (video.readyState === video.HAVE_METADATA) video.currentTime = buffer.buffered.start(0);
    next();
  };
  const socket = new WebSocket(${JSON.stringify(url.replace("http", "ws"))});
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") return;
    queue.push(data);
    next();
  };
};
</script>`;
}

/** The gateway, at the camera's pace, until it is disposed of. */
async function startGateway(url: string, clip: string): Promise<AsyncDisposable> {
  const messages = gatewayMessages(await Deno.readFile(clip), "before key pictures");
  const gateway = await SegmentClient.open(`${url}/publish`);
  let next = 0;
  const timer = setInterval(() => {
    const message = messages[next++];
    if (message) gateway.send(message);
  }, MESSAGE_MS);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      await gateway[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Chromium: the listener's page and one like the original's play what the gateway sends", async () => {
  const address = `127.0.0.1:${freePort()}`;
  const url = `http://${address}`;
  const folder = await Deno.makeTempDir({ prefix: "rill-gopro-page-" });
  try {
    await Deno.writeTextFile(`${folder}/rill.yaml`, `compat: {gopro_stream: "${address}"}`);
    await using _relay = await RelayProcess.start({ args: ["-c", `${folder}/rill.yaml`] });
    await Deno.writeTextFile(`${folder}/index.html`, originalLikePage(`${url}/`));
    await using site = serveFiles(folder);
    await makeTransportStream(`${folder}/clip.ts`, CLIP);
    await using _gateway = await startGateway(url, `${folder}/clip.ts`);
    await using browser = await launchChromium({ autoplay: true });
    for (const where of [`${url}/`, site.url]) {
      await using page = await browser.open(where);
      const playing =
        "(() => { const v = document.querySelector('video'); return v.error === null && v.currentTime > 0 && " +
        "v.getVideoPlaybackQuality().totalVideoFrames > 20 && v.videoWidth; })()";
      assert.equal(await page.waitFor<number>(playing, { what: `pictures at ${where}` }), 320);
      assert.deepEqual(page.errors(), []);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
