/// <reference lib="dom" />
/**
 * Sound played beside the pictures, in Chromium: on and off without touching the pictures, as loud as the volume
 * says, and through the element where it cannot be beside.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DESKTOP, expressionOf, type Page, type Script } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { tapLoudspeaker } from "../support/loudspeaker.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const VIDEO = deep("video");

/** Runs before the page's scripts: counts what would show as black. */
function countEmptied(): void {
  const seen = { emptied: 0 };
  Object.assign(globalThis, { seen });
  document.addEventListener("emptied", () => seen.emptied += 1, true);
  const load = HTMLMediaElement.prototype.load;
  HTMLMediaElement.prototype.load = function (): void {
    seen.emptied += 1;
    load.call(this);
  };
}

/** Every decoder breaks at once. */
function breakDecoders(): void {
  Reflect.set(
    globalThis,
    "AudioDecoder",
    class {
      readonly #error: (error: DOMException) => void;
      state = "unconfigured";
      constructor({ error }: { error: (error: DOMException) => void }) {
        this.#error = error;
      }
      configure(): void {
        this.state = "closed";
        setTimeout(() => this.#error(new DOMException("no such codec", "NotSupportedError")));
      }
    },
  );
}

/** As on an insecure page. */
function removeDecoders(): void {
  Reflect.deleteProperty(globalThis, "AudioDecoder");
}

/** Until `allowed` is set, as where nobody has touched the page; the driver's own scripts count as a touch. */
function forbidSound(): void {
  const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state");
  Object.defineProperty(BaseAudioContext.prototype, "state", {
    get(): unknown {
      return Reflect.has(globalThis, "allowed") ? state?.get?.call(this) : "suspended";
    },
  });
}

function untilPlaying(
  page: Page,
  how: { path: "element" | "beside" },
): ReturnType<typeof untilStats> {
  return untilStats(page, {
    what: `pictures with sound by way of ${how.path}`,
    accept: ({ state, framesShown, soundPath }) =>
      state === "playing" && framesShown > 0 && soundPath === how.path,
  });
}

function setVideo(page: Page, change: string): Promise<void> {
  return page.evaluate(`((video) => { ${change}; })(${VIDEO})`);
}

Deno.test("chromium: sound comes and goes beside the pictures, which do not notice", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo?muted=true`, {
    viewport: DESKTOP,
    before: `${expressionOf(tapLoudspeaker)}, ${expressionOf(countEmptied)}`,
  });
  const silent = await untilPlaying(page, { path: "beside" });
  assert.equal(silent.soundLateMs, null, "nothing is heard");
  const emptied = await page.evaluate<number>("seen.emptied");

  await page.click("button[aria-label=Unmute]");
  const loud = await untilStats(page, {
    what: "sound to be heard",
    accept: ({ soundLateMs }) => soundLateMs !== null,
  });
  await page.waitFor("heard.level > 0.005", { what: "sound at the loudspeaker" });
  assert.equal(loud.soundPath, "beside");

  const full = await settledLevel(page);
  await setVideo(page, "video.volume = 0.25");
  await page.waitFor(`heard.level < ${full * 0.5}`, { what: "a quarter of the sound" });
  assert.ok(await page.evaluate<number>("heard.level") > 0, "quieter is not silent");

  await setVideo(page, "video.muted = true"); // the bar has gone to rest by now
  await page.waitFor("heard.level < 0.0005", { what: "silence" });
  const after = await untilStats(page, {
    what: "pictures to go on",
    accept: ({ framesShown, soundLateMs }) =>
      framesShown > loud.framesShown + 10 && soundLateMs === null,
  });
  assert.equal(await page.evaluate<number>("seen.emptied"), emptied, "the pictures stayed");
  assert.deepEqual([after.rebuilds, after.reconnects, after.bufferedRanges], [0, 0, 1]);
  assert.deepEqual(page.errors(), []);
});

/** The level once it no longer rises. */
async function settledLevel(page: Page): Promise<number> {
  let most = 0;
  for (let calm = 0; calm < 10; calm++) {
    const level = await page.evaluate<number>("heard.level");
    if (level > most * 1.02) calm = 0;
    most = Math.max(most, level);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return most;
}

const ELSEWHERE: readonly (readonly [string, Script<void>])[] = [
  ["its decoder breaks", breakDecoders],
  ["the page may not decode (insecure)", removeDecoders],
];

for (const [why, before] of ELSEWHERE) {
  Deno.test(`chromium: sound comes through the element where ${why}`, async () => {
    await using relay = await RelayProcess.start();
    await using browser = await launchChromium({ autoplay: true });
    await using page = await browser.open(`${relay.url}/live/demo?muted=false`, {
      viewport: DESKTOP,
      before,
    });
    await untilPlaying(page, { path: "element" });
    await page.waitFor(`${VIDEO}.webkitAudioDecodedByteCount > 0`, { what: "sound decoded" });
    assert.equal(await page.evaluate<boolean>(`${VIDEO}.muted`), false);
  });
}

Deno.test("chromium: a sound that the browser does not let begin is shown as off", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium({ autoplay: true });
  await using page = await browser.open(`${relay.url}/live/demo?muted=false`, {
    viewport: DESKTOP,
    before: forbidSound,
  });
  await untilPlaying(page, { path: "beside" });
  await page.waitFor(`${VIDEO}.muted`, { what: "the player to admit that it is silent" });
  await page.evaluate("globalThis.allowed = true");
  await page.click("button[aria-label=Unmute]");
  await untilStats(page, {
    what: "sound after a tap",
    accept: ({ soundLateMs }) => soundLateMs !== null,
  });
});
