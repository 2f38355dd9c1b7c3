/**
 * A person before a browser, watching the camera of tests/lab/camera.sh `watched` from outside its machine: the picture
 * moves, sound plays, a control set on the page. Leaves screenshots; prints what was seen, and fails where it was not.
 *
 *     deno run -A --lock=tests/deno.lock tests/lab/watch.ts URL FOLDER
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, readStats, readVideo, untilStats } from "../support/player_page.ts";

/** An emulated machine takes its time. */
const PATIENCE_MS = 180_000;
/** Pictures that show that it moves. */
const ENOUGH = 20;
const [url = "", folder = "."] = Deno.args;
const CONTROLS = `${deep("rill-camera-controls")}?.shadowRoot`;
const BRIGHTNESS = `[...${CONTROLS}.querySelectorAll("label")].find(({ firstElementChild }) =>
  firstElementChild.textContent === "Brightness").children[1]`;

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await using browser = await launchChromium({ autoplay: true });

async function watch(name: string): Promise<void> {
  const asked = performance.now();
  await using page = await browser.open(`${url}/live/${name}?muted=true`, { viewport: DESKTOP });
  await untilStats(page, {
    what: "a picture",
    accept: ({ state }) => state === "playing",
    timeoutMs: PATIENCE_MS,
  });
  say(`${name}: plays ${Math.round(performance.now() - asked)} ms after it was asked for`);
  if (name === "porch") await page.click("button[aria-label=Unmute]");
  // Pictures shown, and whether sound reached the speakers, over all the rebuilds that so slow a camera makes of a player.
  const seen = { first: 0, shown: 0, sound: false };
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && (seen.shown - seen.first < ENOUGH || !seen.sound)) {
    const stats = await readStats(page);
    if (seen.first === 0) seen.first = stats?.framesShown ?? 0;
    seen.shown = stats?.framesShown ?? seen.shown;
    seen.sound ||= name !== "porch" || typeof stats?.soundLateMs === "number" ||
      (await readVideo(page)).sound === true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  say(`${name}: ${JSON.stringify({ ...seen, stats: await readStats(page) })}`);
  await page.screenshot(join(folder, `${name}.png`));
  assert.ok(seen.shown - seen.first >= ENOUGH, "the picture moves");
  if (name !== "porch") return;
  await page.waitFor(`!!${CONTROLS}?.querySelector("details")`, {
    what: "the controls",
    timeoutMs: PATIENCE_MS,
  });
  await page.evaluate(`${CONTROLS}.querySelector("summary").click()`);
  for (const value of ["20", "230"]) {
    await page.evaluate(`void ((element) => {
      element.value = "${value}";
      for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
    })(${BRIGHTNESS})`);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    say(`brightness on the page: ${await page.evaluate(`${BRIGHTNESS}.value`)}`);
    await page.screenshot(join(folder, `porch-${value}.png`));
  }
  assert.ok(seen.sound, "sound plays");
}

await watch("porch");
await watch("yard");
