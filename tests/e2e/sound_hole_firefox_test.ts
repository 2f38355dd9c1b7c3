/** A camera whose sound is away for a moment within a long group, watched in Firefox, which plays both from one buffer. */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchFirefox } from "../support/browsers/firefox.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Seconds from the camera's start. */
const HOLE = { from: 6, to: 6.4 };
/** The next key picture comes after twenty seconds. */
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin " +
  `-re -f lavfi -i testsrc2=size=320x240:rate=${RATE} -re -f lavfi -i sine=440:sample_rate=48000 ` +
  `-af "aselect='not(between(t,${HOLE.from},${HOLE.to}))'" -c:a aac ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${
    20 * RATE
  } -f mpegts pipe:1`;

Deno.test("firefox: a hole in the sound does not freeze the picture", async () => {
  await using browser = await launchFirefox({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
  await untilStats(page, { what: "playing", accept: ({ state }) => state === "playing" });
  assert.ok(await pictures(relay) < HOLE.from * RATE, "watching before the hole");
  for (let tries = 0; await pictures(relay) < (HOLE.to + 2) * RATE; tries++) {
    assert.ok(tries < 400, "the hole did not come");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const before = await readVideo(page);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  assert.ok(shown > RATE, `${shown} pictures in two seconds after the hole`);
});

async function pictures(relay: RelayProcess): Promise<number> {
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
  return counters.videoSamples;
}
