/** A camera whose sound is away for a moment within a long group, watched in Firefox, which plays both from one buffer. */

import assert from "node:assert/strict";
import { askUntil } from "../support/ask.ts";
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
  await until(relay, hole + HOLE.to - HOLE.from + AROUND);
  const sent = await seconds(relay) * RATE;
  const before = await readVideo(page);
  await until(relay, sent / RATE + 2);
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  const came = await seconds(relay) * RATE - sent;
  assert.ok(shown > came / 2, `${shown} pictures of ${came} that came after the hole`);
});

/** Resolves when the camera has sent so much. */
async function until(relay: RelayProcess, sent: number): Promise<void> {
  await askUntil(() => seconds(relay), {
    accept: (so) => so >= sent,
    what: `${sent} s of pictures`,
  });
}

/** What the camera has sent. */
async function seconds(relay: RelayProcess): Promise<number> {
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
  return counters.videoSamples / RATE;
}
