/**
 * Pictures that come late, or not at all for a while, in Chromium: they are shown late, and playing goes on; and a page
 * that nobody sees rests.
 */

import assert from "node:assert/strict";
import { DESKTOP, type Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, readStats, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import type { PlayerStats } from "../../web/src/player/player_types.ts";

const VIDEO = deep("video");
/** A camera with a key picture at its very beginning, and none after. */
const ONE_GROUP = "ffmpeg -hide_banner -loglevel error -nostdin -re -f lavfi " +
  "-i testsrc2=size=320x240:rate=30 -c:v libx264 -preset ultrafast -tune zerolatency " +
  "-pix_fmt yuv420p -g 100000 -keyint_min 100000 -sc_threshold 0 -f mpegts pipe:1";
/** Until a player has found its place, ms. */
const SETTLE_MS = 3_000;
/** How long the page's thread is held up, and so its pictures, ms; and how often. */
const HELD_UP_MS = 250;
const TIMES = 5;

for (const sound of ["muted=true", "muted=false"]) {
  Deno.test(`chromium, ${sound}: pictures that come late are shown late, and nothing waits for them`, async () => {
    await using relay = await RelayProcess.start();
    await using browser = await launchChromium({ autoplay: true });
    await using page = await open(browser, `${relay.url}/live/demo?${sound}`);
    await page.evaluate(
      `(globalThis.waits = 0, ${VIDEO}.addEventListener("waiting", () => waits++))`,
    );
    const before = await statsOf(page);
    for (let i = 0; i < TIMES; i++) {
      await page.evaluate(`(${hold.toString()})(${HELD_UP_MS})`);
      await pause(1_000);
    }
    const after = await statsOf(page);
    assert.equal(await page.evaluate("globalThis.waits"), 0);
    assert.equal(after.stalls, before.stalls);
    assert.equal(after.seeks, before.seeks);
    assert.ok(after.framesShown > before.framesShown + 30 * TIMES / 2, "pictures go on");
    assert.ok((after.latencyMs ?? Infinity) < 1_000, `${after.latencyMs} ms`);
  });
}

Deno.test("chromium: a picture that never comes takes only itself along, however far the next key picture is", async () => {
  await using browser = await launchChromium({ autoplay: true });
  await using relay = await RelayProcess.start({ args: [`cam=exec:${ONE_GROUP}`] });
  await using page = await open(browser, `${relay.url}/live/cam`, lose);
  await page.evaluate("globalThis.loseNext = true");
  await page.waitFor("globalThis.loseNext === false", { what: "a picture to be lost" });
  const { framesShown, rebuilds } = await statsOf(page);
  const after = await untilStats(page, {
    what: "the pictures behind it",
    accept: (stats) => stats.framesShown > framesShown + 60,
  });
  assert.equal(after.rebuilds, rebuilds);
});

Deno.test("chromium: out of sight pictures rest, with sound beside them too, and are live again when seen", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium({ autoplay: true });
  await using page = await open(browser, `${relay.url}/live/demo?muted=false`);
  await page.evaluate(`(${show.toString()})("hidden")`);
  await page.waitFor(`${VIDEO}.paused`, { what: "the pictures to rest" });
  await pause(1_000);
  const { state, soundPath } = await statsOf(page);
  assert.notEqual(state, "paused", "it is not its user who paused it");
  assert.equal(soundPath, "beside");
  await page.evaluate(`(${show.toString()})("visible")`);
  await page.waitFor(`!${VIDEO}.paused`, { what: "the pictures to go on" });
  const { latencyMs } = await untilStats(page, {
    what: "live pictures",
    accept: (stats) => stats.state === "playing" && (stats.latencyMs ?? Infinity) < 1_000,
  });
  assert.ok(latencyMs !== null);
  assert.deepEqual(page.errors() ?? [], []);
});

async function open(
  browser: Awaited<ReturnType<typeof launchChromium>>,
  url: string,
  before: () => void = (): void => {},
): Promise<Page> {
  const page = await browser.open(url, { viewport: DESKTOP, before });
  await untilStats(page, {
    what: "the player to play",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
  });
  await pause(SETTLE_MS);
  return page;
}

async function statsOf(page: Page): Promise<PlayerStats> {
  const stats = await readStats(page);
  assert.ok(stats);
  return stats;
}

/** Runs in the page, before its own scripts: the next picture, when `loseNext` says so, never reaches its buffer. */
function lose(): void {
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: Uint8Array): void {
    const isMedia = String.fromCharCode(...data.subarray(4, 8)) === "prft";
    if (Reflect.get(globalThis, "loseNext") !== true || !isMedia) {
      Reflect.apply(append, this, [data]);
      return;
    }
    Reflect.set(globalThis, "loseNext", false);
    setTimeout(() => this.dispatchEvent(new Event("updateend")));
  } as typeof append;
}

/** Runs in the page: its thread does nothing else for so long. */
function hold(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Runs in the page: to its scripts it is out of sight, as a page behind another tab, or in sight again. */
function show(visibility: "hidden" | "visible"): void {
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(document, name, { value, configurable: true });
  };
  define("visibilityState", visibility);
  define("hidden", visibility === "hidden");
  document.dispatchEvent(new Event("visibilitychange"));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
