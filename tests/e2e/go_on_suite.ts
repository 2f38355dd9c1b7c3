/**
 * What a viewer sees, in one browser, when something changes in mid-view: the picture comes back after the relay was
 * killed, and goes on when the camera changes its size. All without a reload.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type BrowserName, DESKTOP, type Launch, type Page } from "../support/browsers/browser.ts";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { figure } from "../support/figure.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const DEMO_RATE = 30;

/** Registers the tests of one browser. */
export function testGoingOn(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: the relay is killed in mid-view; the picture comes back by itself`, async () => {
    await using first = await RelayProcess.start();
    await using browser = await launch({ autoplay: true });
    await using page = await browser.open(`${first.url}/live/demo`, { viewport: DESKTOP });
    await untilPlaying(page);
    await page.evaluate("globalThis.sameDocument = true");

    await first.kill();
    await untilStats(page, {
      what: "the player to notice",
      accept: ({ state }) => state === "reconnecting",
    });
    await using _second = await RelayProcess.start({ port: first.port });
    const began = performance.now();
    const back = await untilStats(page, {
      what: "the picture to come back",
      accept: ({ state, reconnects }) => state === "playing" && reconnects > 0,
    });
    figure(
      `${name}: picture back ${(performance.now() - began).toFixed(0)} ms after the relay was`,
    );
    await untilStats(page, {
      what: "pictures to move",
      accept: ({ framesShown }) => framesShown > back.framesShown + DEMO_RATE,
    });
    assert.equal(await page.evaluate("globalThis.sameDocument"), true, "the page was not reloaded");
    assert.equal((await readVideo(page)).paused, false);
  });

  Deno.test(`${name}: the picture changes its size in mid-view; the player goes on`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-sizes-" });
    try {
      const seconds = 4;
      const [small, large, clip] = ["small.ts", "large.ts", "both.ts"].map((file) =>
        join(folder, file)
      ) as [string, string, string];
      await makeTransportStream(small, { seconds, size: "320x180", sound: true });
      await makeTransportStream(large, { seconds, size: "640x360", sound: true, offset: seconds });
      await joinTransportStreams(clip, [small, large]);
      await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
      await using browser = await launch({ autoplay: true });
      await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
      const first = await untilPlaying(page);
      const { width } = await readVideo(page);
      await page.evaluate("globalThis.sameDocument = true");

      // There and back again.
      for (const turn of [1, 2]) {
        const expected = (width === 320) === (turn === 1) ? 640 : 320;
        const stats = await untilStats(page, {
          what: `a picture ${expected} pixels wide`,
          accept: (now) =>
            now.state === "playing" && now.width === expected &&
            now.generation >= first.generation + turn,
        });
        await untilStats(page, {
          what: "pictures of that size to move",
          accept: ({ framesShown, width }) =>
            width === expected && framesShown > stats.framesShown + 10,
        });
      }
      assert.equal(await page.evaluate("globalThis.sameDocument"), true, "no reload");
      const { reconnects } = await untilPlaying(page);
      assert.equal(reconnects, 0, "one connection carried all generations");
      assert.deepEqual(page.errors() ?? [], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function untilPlaying(page: Page): ReturnType<typeof untilStats> {
  return untilStats(page, {
    what: "the player to play",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
  });
}
