/** A camera whose sound ceases for good while its pictures go on, watched in Firefox, which plays both from one buffer. */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchFirefox } from "../support/browsers/firefox.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Of sound, after which there is none. */
const SECONDS = 15;
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin " +
  `-re -f lavfi -i testsrc2=size=320x240:rate=${RATE} ` +
  `-re -f lavfi -t ${SECONDS} -i sine=440:sample_rate=48000 -c:a aac ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${RATE} -f mpegts pipe:1`;

Deno.test("firefox: sound that ceases for good does not freeze the picture", async () => {
  await using browser = await launchFirefox({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
  await untilStats(page, { what: "playing", accept: ({ state }) => state === "playing" });
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
