/** A camera that pauses within a long group of pictures, watched in Chromium: nothing stands still until the next key picture. */

import assert from "node:assert/strict";
import { askUntil } from "../support/ask.ts";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const RATE = 30;
/** Of twenty seconds, pictures; each begins with a key picture, and has the pause. */
const GROUP = 20 * RATE;
/** Pictures of a group that are left out: half a second, and after it every seventh. */
const PAUSE = { from: 180, to: 194 };
/** So many are sent of a group. */
const SENT = Array.from({ length: GROUP }, (_, n) => n)
  .filter((n) => n < PAUSE.from || (n > PAUSE.to && n % 7 !== 0)).length;
const AT = `mod(n,${GROUP})`;
const LEFT_OUT =
  `not(between(${AT},${PAUSE.from},${PAUSE.to}))*not(gt(${AT},${PAUSE.to})*eq(mod(${AT},7),0))`;
const CAMERA = "ffmpeg -hide_banner -loglevel error -nostdin -re -f lavfi " +
  `-i testsrc2=size=320x240:rate=${RATE} -vf "select='${LEFT_OUT}'" -vsync passthrough ` +
  `-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g ${SENT} -f mpegts pipe:1`;

Deno.test("chromium: a pause in a long group, and an uneven rate after it, freeze nothing", async () => {
  await using browser = await launchChromium({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${CAMERA}`] });
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
  await untilStats(page, { what: "playing", accept: ({ state }) => state === "playing" });
  await paused(relay);
  const sent = await pictures(relay);
  const before = await readVideo(page);
  await until(relay, sent + 2 * RATE);
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  const came = await pictures(relay) - sent;
  assert.ok(shown > came / 2, `${shown} pictures of ${came} that came after the pause`);
  assert.ok(after.currentTime - before.currentTime > came / RATE / 2, "time goes on");
  assert.deepEqual(page.errors() ?? [], []);
});

/** Resolves a second after the next pause that is at least a second away. */
async function paused(relay: RelayProcess): Promise<void> {
  const groups = Math.max(0, Math.ceil((await pictures(relay) + RATE - PAUSE.from) / SENT));
  const paused = PAUSE.from + groups * SENT;
  await until(relay, paused + RATE);
}

/** Resolves when the camera has sent so many. */
async function until(relay: RelayProcess, sent: number): Promise<void> {
  await askUntil(() => pictures(relay), { accept: (so) => so >= sent, what: `${sent} pictures` });
}

/** What the camera has sent. */
async function pictures(relay: RelayProcess): Promise<number> {
  const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
  return counters.videoSamples;
}
