/** A camera whose sound is away for a moment within a long group, watched in Firefox, which plays both from one buffer. */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchFirefox } from "../support/browsers/firefox.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Seconds from each key picture, which come that far apart: whoever missed a hole waits for the next. */
const GROUP = 20;
const HOLE = { from: 6, to: 6.4 };
/** Before a hole the page has played for so long at least; after it, it has had so long to take it, seconds. */
const AROUND = 1.5;
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin " +
  `-re -f lavfi -i testsrc2=size=320x240:rate=${RATE} -re -f lavfi -i sine=440:sample_rate=48000 ` +
  `-af "aselect='not(between(mod(t,${GROUP}),${HOLE.from},${HOLE.to}))'" -c:a aac ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${
    GROUP * RATE
  } -f mpegts pipe:1`;

Deno.test("firefox: a hole in the sound does not freeze the picture", async () => {
  await using browser = await launchFirefox({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
  await untilStats(page, { what: "playing", accept: ({ state }) => state === "playing" });
  const began = await seconds(relay);
  const hole = HOLE.from + GROUP * Math.max(0, Math.ceil((began + AROUND - HOLE.from) / GROUP));
  for (let tries = 0; await seconds(relay) < hole + HOLE.to - HOLE.from + AROUND; tries++) {
    assert.ok(tries < 1000, "the hole did not come");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const before = await readVideo(page);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  assert.ok(shown > RATE, `${shown} pictures in two seconds after the hole`);
});

/** What the camera has sent. */
async function seconds(relay: RelayProcess): Promise<number> {
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
  return counters.videoSamples / RATE;
}
