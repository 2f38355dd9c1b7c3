/// <reference lib="dom" />
/** A browser that takes every append and keeps none: the player makes its buffer anew, says so, and plays on. */

import assert from "node:assert/strict";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** Runs before the page's scripts: while `barren` is set, appends end well and change nothing. */
function install(): void {
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: BufferSource): void {
    if (Reflect.has(globalThis, "barren")) {
      setTimeout(() => this.dispatchEvent(new Event("updateend")));
    } else {
      append.call(this, data);
    }
  };
}

Deno.test("chromium: appends that yield nothing are noticed, and the picture comes back", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium({ autoplay: true });
  await using page = await browser.open(`${relay.url}/live/demo?muted=true`, {
    viewport: DESKTOP,
    before: install,
  });
  const playing = await untilStats(page, {
    what: "pictures",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 10,
  });
  assert.equal(playing.rebuilds, 0);
  await page.evaluate("globalThis.barren = true");
  const rebuilt = await untilStats(page, {
    what: "the buffer to be made anew",
    accept: ({ rebuilds }) => rebuilds > 0,
  });
  await page.evaluate("delete globalThis.barren");
  const after = await untilStats(page, {
    what: "the picture to come back",
    accept: ({ state, framesShown }) =>
      state === "playing" && framesShown > rebuilt.framesShown + 10,
  });
  assert.ok(after.rebuilds <= rebuilt.rebuilds + 1, `${after.rebuilds}`);
  assert.deepEqual(page.errors(), []);
});
