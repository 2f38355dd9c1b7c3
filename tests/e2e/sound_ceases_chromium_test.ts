/**
 * A camera whose sound ceases for good while its pictures go on, watched where a browser plays both from one buffer, as
 * every page of the plain port does.
 */

import assert from "node:assert/strict";
import { askUntil } from "../support/ask.ts";
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
  await until(relay, SECONDS + 6);
  const sent = await seconds(relay) * RATE;
  const before = await readVideo(page);
  await until(relay, sent / RATE + 3);
  const after = await readVideo(page);
  const shown = after.decoded - before.decoded;
  const came = await seconds(relay) * RATE - sent;
  assert.ok(shown > came / 2, `${shown} pictures of ${came} that came without sound`);
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
