/**
 * The Medooze demo's page in Chromium: its camera comes back to it, is watched, and is recorded as an MP4 with H.264 and
 * AAC, the index in front. And the page of the original, re-enacted message by message.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RecordingList } from "../../shared/recordings.ts";
import { askUntil } from "../support/ask.ts";
import { DESKTOP, type Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { ffprobe } from "../support/ffprobe.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";
import { PATIENCE_MS } from "../support/patience.ts";

/** A relay with the listener, over a folder of its own. */
class Demo implements AsyncDisposable {
  readonly url: string;
  readonly relay: RelayProcess;
  readonly #folder: string;

  private constructor(relay: RelayProcess, { url, folder }: { url: string; folder: string }) {
    this.relay = relay;
    this.url = url;
    this.#folder = folder;
  }

  static async start(): Promise<Demo> {
    const folder = await Deno.makeTempDir({ prefix: "rill-medooze-" });
    const port = freePort();
    const file = join(folder, "rill.yaml");
    await Deno.writeTextFile(file, `compat:\n  medooze: 127.0.0.1:${port}\n`);
    const relay = await RelayProcess.start({ args: ["-c", file, "--data", join(folder, "data")] });
    return new Demo(relay, { url: `http://127.0.0.1:${port}`, folder });
  }

  /** Asks as the page does: an empty 200, whatever it is. */
  async ask(path: string): Promise<void> {
    const answer = await fetch(`${this.url}/${path}`);
    assert.equal(answer.status, 200, path);
    assert.equal(await answer.text(), "", path);
  }

  /** Two seconds of pictures come, or as long as a busy machine takes for as many. */
  async films(): Promise<void> {
    const pictures = async (): Promise<number> =>
      (await this.relay.stream("medooze")).counters.videoSamples;
    const before = await pictures();
    await askUntil(pictures, { accept: (now) => now > before + 60, what: "pictures" });
  }

  /**
   * The recordings' files, once so many are finished. A busy Chromium makes its pictures smaller, and each size is a file of
   * its own: the longest of each recording.
   */
  async recorded(count: number): Promise<string[]> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`${this.relay.url}/api/recordings`);
      const { recordings }: RecordingList = await answer.json();
      const whole = Map.groupBy(recordings, ({ startedAt }) => startedAt).values().toArray();
      if (whole.length === count && recordings.every(({ state }) => state === "done")) {
        return whole.map((files) => {
          const [longest] = files.sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0));
          return join(this.#folder, "data", "recordings", `${longest?.id}.mp4`);
        });
      }
      assert.ok(performance.now() < end, JSON.stringify(recordings) + this.relay.output);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** H.264 and AAC, decoded without a word, the index in front. */
async function assertRecording(path: string, seconds: number): Promise<void> {
  assert.match(path, /\/medooze\/\d{13}(?:-\d)?\.mp4$/);
  const { streams, format } = await ffprobe(path, {
    args: ["-count_frames", "-show_streams", "-show_format"],
    level: "error",
  }) as { streams: Record<string, unknown>[]; format: { duration: string } };
  assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ["aac", "h264"]);
  assert.ok(Number(format.duration) > seconds, `${format.duration} s`);
  const pictures = streams.find(({ codec_name }) => codec_name === "h264");
  assert.ok(
    Number(pictures?.nb_read_frames) > seconds * 10,
    `${pictures?.nb_read_frames} pictures`,
  );
  const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
  assert.ok(text.indexOf("moov") < text.indexOf("mdat"));
}

/** Until the picture that came back has been shown for some time. */
async function untilReturned(page: Page): Promise<void> {
  await page.waitFor(
    `(() => {
      const video = document.querySelector("video");
      const returned = globalThis.connection?.getReceivers().map(({ track }) => track.id) ?? [];
      const shown = video.srcObject?.getVideoTracks()[0]?.id;
      return returned.includes(shown) && video.getVideoPlaybackQuality().totalVideoFrames > 30;
    })()`,
    { what: "the picture that comes back" },
  );
}

Deno.test("the page: camera there and back, watched, recorded by either pair of buttons", async () => {
  await using demo = await Demo.start();
  await using browser = await launchChromium({ camera: true });
  await demo.ask("ffmpeg-stop"); // there is nothing yet
  await demo.ask("gstreamer-start");
  await using page = await browser.open(`${demo.url}/`, { viewport: DESKTOP });
  await page.waitFor(`document.querySelector("p").textContent.includes("connected")`, {
    what: "the connection",
  });
  await using viewer = await Viewer.open(`${demo.relay.url}/live/medooze`);
  await viewer.until(() => viewer.stream?.tracks.length === 2, { what: "picture and sound" });
  for (const path of ["gstreamer", "ffmpeg"]) {
    const press = (what: string): Promise<unknown> =>
      page.evaluate(`document.querySelector('[data-do="${path}-${what}"]').click()`);
    await press("start");
    await page.waitFor(`document.querySelector("p").textContent === "Recording."`, {
      what: "the word that it is recorded",
    });
    await demo.ask(`${path}-start`); // a second time
    await demo.films();
    await press("stop");
    await page.waitFor(`document.querySelector("p").textContent.includes("recordings/medooze")`, {
      what: "the word that it is done",
    });
  }
  for (const path of await demo.recorded(2)) await assertRecording(path, 1);
  assert.deepEqual(page.errors(), []);
});

Deno.test("the original's page: an offer as text, the answer taken as it is, its stream back in one piece", async () => {
  await using demo = await Demo.start();
  await using browser = await launchChromium({ camera: true });
  await using page = await browser.open(`${demo.url}/recordings`, { viewport: DESKTOP });
  await page.evaluate(`(async () => {
    document.body.innerHTML = "<video autoplay muted playsinline></video>";
    const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const connection = globalThis.connection = new RTCPeerConnection();
    for (const track of camera.getTracks()) {
      connection.addTransceiver(track, { direction: "sendrecv", streams: [camera] });
    }
    const streams = globalThis.streams = new Set();
    connection.ontrack = ({ streams: [stream] }) => {
      streams.add(stream.id);
      document.querySelector("video").srcObject = stream;
    };
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await fetch("/connect", {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: connection.localDescription.sdp,
    });
    const description = await answer.json();
    globalThis.shape = Object.keys(description).join() + " " + description.type;
    await connection.setRemoteDescription(description);
  })()`);
  assert.equal(await page.evaluate("globalThis.shape"), "type,sdp answer");
  await untilReturned(page);
  assert.equal(await page.evaluate("streams.size"), 1, "picture and sound are one stream");
  await demo.ask("recorder-start");
  await demo.films();
  await demo.ask("recorder-stop");
  const [path = ""] = await demo.recorded(1);
  await assertRecording(path, 1);
});

Deno.test("what is no offer, another site's page, other addresses: refused in words", async () => {
  await using demo = await Demo.start();
  const connect = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${demo.url}/connect`, { method: "POST", body, headers });
  const cases: [Response, number, RegExp][] = [
    [await connect("hello"), 406, /session description/],
    [await connect("x".repeat(100_000)), 413, /too long/],
    [await connect("v=0", { origin: "https://evil.example" }), 403, /another site/],
    [
      await fetch(`${demo.url}/ffmpeg-start`, { headers: { "sec-fetch-site": "cross-site" } }),
      403,
      /another site/,
    ],
    [await fetch(`${demo.url}/connect`), 404, /Not found/],
    [await fetch(`${demo.url}/api/streams`), 404, /Not found/],
    [await fetch(`${demo.url}/ffmpeg-start`, { method: "POST" }), 404, /Not found/],
  ];
  for (const [answer, status, words] of cases) {
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    assert.match(text, words);
  }
});
