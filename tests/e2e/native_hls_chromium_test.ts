/** Chromium's own HLS player, of 142 and later: `<video src>` with our playlist, the first to ask for it. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { launchChromium } from "../support/browsers/chromium.ts";
import { RelayProcess } from "../support/relay_process.ts";

const FIRST_VERSION = 142;

interface Shown {
  readonly pictures: number;
  readonly error: string | null;
}

/** A page of another origin with nothing but the element; no script of ours. */
async function pageWith(src: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><video muted autoplay src="${src}"></video>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  if (typeof at !== "object" || !at) throw new Error("no address");
  return {
    url: `http://127.0.0.1:${at.port}/`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

Deno.test("the playlist as a video's source plays, though nobody has asked for it before", async () => {
  await using relay = await RelayProcess.start({ args: ["demo"] });
  await using browser = await launchChromium({ autoplay: true });
  assert.ok(Number.parseInt(browser.version) >= FIRST_VERSION, browser.version);
  await using server = await pageWith(`${relay.url}/live/demo/index.m3u8`);
  await using page = await browser.open(server.url);
  const shown = await page.waitFor<Shown>(
    `(() => {
      const video = document.querySelector("video");
      const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
      const error = video.error?.message ?? null;
      return pictures > 150 || error !== null ? { pictures, error } : null;
    })()`,
    { what: "five seconds of pictures" },
  );
  assert.equal(shown.error, null);
});
