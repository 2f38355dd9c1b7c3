/**
 * The Record button on a stream's page, in a browser: recorded on the relay, told while it goes on, and played and
 * searched by the browser's own player afterwards.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type BrowserName, DESKTOP, type Launch, PHONE } from "../support/browsers/browser.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** The button, in a page's words. */
export const BUTTON = `${deep("rill-record")}?.shadowRoot.querySelector("button")`;
/** What stands around it. */
export const TEXT = `${deep("rill-record")}?.shadowRoot.textContent`;
const LINK = `${deep("rill-record")}?.shadowRoot.querySelector("a")`;

/** Registers the tests of one browser. */
export function testRecordButton(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: Record, Stop, and the recording plays and seeks`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-record-button-" });
    try {
      await using relay = await RelayProcess.start({
        args: ["--open", "all", "--data", folder, "demo"],
      });
      await using browser = await launch();
      await using page = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
      await page.waitFor(`${BUTTON}?.textContent.includes("Record")`, { what: "the button" });
      await page.evaluate(`(${BUTTON}.focus(), ${BUTTON}.click())`);
      await page.waitFor(`/Recording: (?:[2-9]|\\d\\d).s/.test(${TEXT})`, {
        what: "two seconds, or more",
      });
      const focused = `${deep("rill-record")}.shadowRoot.activeElement === ${BUTTON}`;
      assert.ok(await page.evaluate(focused), "the keyboard is where it was");
      await page.evaluate(`${BUTTON}.click()`);
      await page.waitFor(`!!${LINK}`, { what: "the link" });
      const href = await page.evaluate<string>(`${LINK}.href`);
      assert.match(href, /\/api\/recordings\/demo\/\d{13}\/media\.mp4$/);
      assert.match(await page.evaluate<string>(`${LINK}.download`), /^demo_\d{13}\.mp4$/);
      const wide = "document.documentElement.scrollWidth <= innerWidth";
      assert.ok(await page.evaluate(wide), "nothing sticks out on a phone");
      await using player = await browser.open(`${relay.url}/healthz`, { viewport: DESKTOP });
      await player.evaluate(`void (
        globalThis.video = document.createElement("video"),
        video.muted = true, video.preload = "auto", video.src = ${JSON.stringify(href)},
        document.body.append(video)
      )`);
      await player.waitFor("video.readyState >= 1", { what: "the recording's metadata" });
      const seconds = await player.evaluate<number>("video.duration");
      assert.ok(seconds > 2 && seconds < 60, `${seconds} s`);
      await player.evaluate(`void (video.currentTime = 1)`);
      await player.waitFor("!video.seeking && video.readyState >= 2", { what: "the seek" });
      await player.evaluate("void video.play()");
      await player.waitFor("video.currentTime > 1.3", { what: "pictures after the seek" });
      assert.equal(await player.evaluate("video.error"), null);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
