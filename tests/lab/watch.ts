/**
 * A person before a browser, watching the cameras of tests/lab/camera.sh `watched` from outside their machine: the picture
 * moves, its microphone's tone is heard, a control is set on the page and seen in the picture, and a camera that sleeps wakes
 * because it is asked for. Leaves screenshots; prints what was seen, and fails where it was not.
 *
 *     deno run -A --lock=tests/deno.lock tests/lab/watch.ts URL FOLDER
 *
 * URL is the relay's: port 8000 of that machine, as `localhost`, since only such pages play sound by themselves.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StreamList } from "../../shared/api.ts";
import { DESKTOP, type Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { type Heard, tapLoudspeaker } from "../support/loudspeaker.ts";
import { deep, readStats, untilStats } from "../support/player_page.ts";

/** An emulated machine takes its time. */
const PATIENCE_MS = 300_000;
/** Pictures that show that it moves. */
const ENOUGH_PICTURES = 20;
/** What camera.sh plays, Hz, and how far from it is still it: an analyser's bin is 12 Hz, what is kept is rounded to 10. */
const TONE = 440;
const TONE_WITHIN = 12;
/**
 * Moments of 20 ms at which the tone was what was heard, and their part of those at which anything was: an emulated machine
 * is too slow for much sound in one piece, and where pieces meet other pitches are heard.
 */
const ENOUGH_TONE = 30;
const TONE_PART = 0.5;
const [url = "", folder = "."] = Deno.args;
const VIDEO = deep("video");
const UNMUTE = deep("button[aria-label=Unmute]");
const CONTROLS = `${deep("rill-camera-controls")}?.shadowRoot`;
const BRIGHTNESS = `[...${CONTROLS}.querySelectorAll("label")].find(({ firstElementChild }) =>
  firstElementChild.textContent === "Brightness").children[1]`;
/** The mean of the picture on the screen, 0 to 255. */
const BRIGHTNESS_SEEN = `((video) => {
  const canvas = new OffscreenCanvas(64, 36).getContext("2d");
  canvas.drawImage(video, 0, 0, 64, 36);
  const { data } = canvas.getImageData(0, 0, 64, 36);
  return Math.round(data.reduce((sum, x, at) => at % 4 === 3 ? sum : sum + x, 0) / (64 * 36 * 3));
})(${VIDEO})`;

const started = performance.now();
function say(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  Deno.stdout.writeSync(new TextEncoder().encode(`${seconds} ${line}\n`));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks until the answer is `true`. */
async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!await ask()) {
    assert.ok(performance.now() < end, `not seen: ${what}`);
    await pause(500);
  }
}

async function stateOf(name: string): Promise<string | undefined> {
  const { streams } = await (await fetch(`${url}/api/streams`)).json() as StreamList;
  return streams.find((each) => each.name === name)?.state.kind;
}

async function untilAsleep(name: string): Promise<void> {
  await until(`${name} falls asleep`, async () => await stateOf(name) === "asleep");
  say(`${name}: asleep, nobody watches`);
}

/** Asks for a camera that sleeps, and sees it move. */
async function open(
  browser: Awaited<ReturnType<typeof launchChromium>>,
  name: string,
): Promise<Page> {
  await untilAsleep(name);
  const asked = performance.now();
  const page = await browser.open(`${url}/live/${name}?muted=true`, {
    viewport: DESKTOP,
    before: tapLoudspeaker,
  });
  const playing = await untilStats(page, {
    what: "a picture",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
    timeoutMs: PATIENCE_MS,
  });
  say(
    `${name}: plays ${Math.round(performance.now() - asked)} ms after it was asked for, ` +
      `${playing.width}x${playing.height}, ${playing.codec}`,
  );
  const first = performance.now();
  const moved = await untilStats(page, {
    what: "pictures that move",
    accept: ({ framesShown }) => framesShown >= playing.framesShown + ENOUGH_PICTURES,
    timeoutMs: PATIENCE_MS,
  });
  const seconds = (performance.now() - first) / 1000;
  const pictures = moved.framesShown - playing.framesShown;
  say(
    `${name}: ${pictures} pictures more in ${seconds.toFixed(1)} s, brightness ${await page
      .evaluate(BRIGHTNESS_SEEN)}; ${await stateOf(name)}`,
  );
  await page.screenshot(join(folder, `${name}.png`));
  return page;
}

/** The microphone's tone, at what the page gives to the loudspeaker. */
async function hear(page: Page): Promise<void> {
  const before = await page.evaluate<Heard>("heard");
  say(`porch: muted, ${before.loud} of ${before.looks} moments had sound`);
  assert.equal(before.loud, 0, "silence while muted");
  await page.waitFor(`!!${UNMUTE}`, { what: "a button for sound", timeoutMs: PATIENCE_MS });
  await page.evaluate(`${UNMUTE}.click()`); // the bar may be at rest
  const toneIn = ({ pitches }: Heard): number =>
    Object.entries(pitches).filter(([hertz]) => Math.abs(Number(hertz) - TONE) < TONE_WITHIN)
      .reduce((sum, [, times]) => sum + times, 0);
  let loudest = 0;
  let heard = before;
  try {
    await until("the tone", async () => {
      heard = await page.evaluate<Heard>("heard");
      loudest = Math.max(loudest, heard.level);
      return toneIn(heard) >= ENOUGH_TONE;
    });
  } finally {
    const stats = await readStats(page);
    say(
      `porch: unmuted, ${TONE} Hz in ${toneIn(heard)} of ${heard.loud} moments with sound (of ` +
        `${heard.looks}), level ${loudest.toFixed(3)}; by way of ${stats?.soundPath}, ` +
        `${stats?.soundGaps} gaps, ${stats?.soundLateMs} ms after its picture`,
    );
    say(`porch: pitches ${JSON.stringify(heard.pitches)}`);
  }
  assert.ok(toneIn(heard) > TONE_PART * heard.loud, "of what is heard most is the tone");
  await page.screenshot(join(folder, "porch-heard.png"));
}

/** A control, set on the page, in the picture. */
async function brighten(page: Page): Promise<void> {
  await page.waitFor(`!!${CONTROLS}?.querySelector("details")`, {
    what: "the controls",
    timeoutMs: PATIENCE_MS,
  });
  await page.evaluate(`${CONTROLS}.querySelector("summary").click()`);
  const seen: number[] = [];
  for (const value of [20, 230]) {
    await page.evaluate(`void ((element) => {
      element.value = "${value}";
      for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
    })(${BRIGHTNESS})`);
    await pause(20_000);
    const now = await page.evaluate<number>(BRIGHTNESS_SEEN);
    seen.push(now);
    say(`porch: brightness ${await page.evaluate(`${BRIGHTNESS}.value`)} on the page, ${now} seen`);
    await page.screenshot(join(folder, `porch-${value}.png`));
  }
  const [dark = 0, bright = 0] = seen;
  assert.ok(bright > dark + 50, "the picture is brighter");
}

await using browser = await launchChromium({ autoplay: true });
{
  await using porch = await open(browser, "porch");
  await hear(porch);
  await brighten(porch);
}
{
  await using _yard = await open(browser, "yard");
}
await untilAsleep("yard");
