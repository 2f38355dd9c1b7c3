/**
 * A camera whose sound ceases for good while its pictures go on, watched where a browser plays both from one buffer, as
 * every page of the plain port does.
 */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Of sound, after which there is none. */
const SECONDS = 10;
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin " +
  `-re -f lavfi -i testsrc2=size=320x240:rate=${RATE} ` +
  `-re -f lavfi -t ${SECONDS} -i sine=440:sample_rate=48000 -c:a aac ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${RATE} ` +
  `-max_interleave_delta 100000 -f mpegts pipe:1`; // else it waits ten seconds for the sound itself

/** As on a page that is not trusted: no sound beside the pictures. */
function removeDecoders(): void {
  Reflect.deleteProperty(globalThis, "AudioDecoder");
}

Deno.test("chromium: sound that ceases for good does not freeze the picture", async () => {
  await using browser = await launchChromium({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, {
    viewport: DESKTOP,
    before: removeDecoders,
  });
  await untilStats(page, {
    what: "playing from one buffer",
    accept: ({ state, soundPath }) => state === "playing" && soundPath === "element",
  });
  for (let tries = 0; await seconds(relay) < SECONDS + 6; tries++) {
    assert.ok(tries < 1000, "the camera does not go on");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const before = await readVideo(page);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  assert.ok(shown > 2 * RATE, `${shown} pictures in three seconds without sound`);
});

/** What the camera has sent. */
async function seconds(relay: RelayProcess): Promise<number> {
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
  return counters.videoSamples / RATE;
}
