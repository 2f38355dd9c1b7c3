/** A camera that pauses within a long group of pictures, watched in Chromium: nothing stands still until the next key picture. */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Pictures that are left out: half a second, and then every seventh. */
const PAUSE = { from: 180, to: 194 };
const LEFT_OUT = `not(between(n,${PAUSE.from},${PAUSE.to}))*not(gt(n,${PAUSE.to})*eq(mod(n,7),0))`;
/** The next key picture comes after twenty seconds. */
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin -re -f lavfi " +
  `-i testsrc2=size=320x240:rate=${RATE} -vf "select='${LEFT_OUT}'" -vsync passthrough ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${
    20 * RATE
  } -f mpegts pipe:1`;

Deno.test("chromium: a pause in a long group, and an uneven rate after it, freeze nothing", async () => {
  await using browser = await launchChromium({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
  await untilStats(page, { what: "playing", accept: ({ state }) => state === "playing" });
  await paused(relay);
  const before = await readVideo(page);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  assert.ok(shown > RATE, `${shown} pictures in two seconds after the pause`);
  assert.ok(after.currentTime - before.currentTime > 1.5, "time goes on");
  assert.deepEqual(page.errors() ?? [], []);
});

/** Resolves a second after the camera's pause. */
async function paused(relay: RelayProcess): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
    if (counters.videoSamples > PAUSE.from + RATE) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("the camera's pause did not come");
}
