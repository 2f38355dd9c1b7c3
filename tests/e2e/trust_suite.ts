/**
 * From the plain port to the secure one, in one browser: the trust page says "not yet" to a browser that does not
 * know the relay's authority; one that has installed it is told so, follows the link, and plays over wss. No check
 * of certificates is switched off anywhere.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type BrowserName,
  DESKTOP,
  type Launch,
  type Page,
  PHONE,
} from "../support/browsers/browser.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";

const STATE = `document.querySelector(".proof").dataset.state`;
/** What a browser keeps off on the plain port, as the app says it. */
const OFF = /the fastest way to play, sound .*, installing .*, and making a camera/;
/** What is there to be pressed and less high than a thumb needs (Apple's guidelines: 44 pixels), in words. */
const SMALL = `[...document.querySelectorAll("a, button, summary")].flatMap((each) => {
  const { height } = each.getBoundingClientRect();
  return height > 0 && height < 44 ? [each.textContent.trim() + ": " + height] : [];
})`;

/** Registers the test of one browser. */
export function testTrust(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: the trust page leads to https, where the app plays over wss`, async () => {
    const data = await Deno.makeTempDir({ prefix: "rill-data-" });
    try {
      const tlsPort = freePort();
      await using relay = await RelayProcess.start({
        args: ["--listen-tls", `127.0.0.1:${tlsPort}`, "--tls", "auto", "--data", data],
      });
      {
        await using stranger = await launch();
        for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]] as const) {
          await using page = await stranger.open(`${relay.url}/trust`, { viewport });
          await page.waitFor(`${STATE} === "not yet"`, { what: "not yet" });
          assert.equal(await page.evaluate(`document.querySelector("#secure").hidden`), true);
          assert.ok(await page.evaluate(`!!document.querySelector("details[open]")`), "its steps");
          assert.deepEqual(await page.evaluate(SMALL), []);
          if (name === "chromium") await keep(page, `trust_${size}`);
        }
      }
      const trusts = await (await fetch(`${relay.url}/trust/rill.pem`)).text();
      await using friend = await launch({ autoplay: true, trusts });
      await using page = await friend.open(`${relay.url}/trust`, { viewport: PHONE });
      await page.waitFor(`${STATE} === "trusted"`, { what: "the proof" });
      if (name === "chromium") await keep(page, "trust_proved_phone");
      await page.click("#secure");
      const origin = `https://127.0.0.1:${tlsPort}`;
      await page.waitFor(`location.origin === "${origin}"`, { what: "the secure origin" });
      await using live = await friend.open(`${origin}/live/demo`, { viewport: DESKTOP });
      await untilStats(live, {
        what: "the picture over TLS",
        accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
      });
      const sockets = `performance.getEntriesByType("resource").every(({name}) =>
        new URL(name).protocol === "https:" || new URL(name).protocol === "blob:")`;
      assert.equal(await live.evaluate(sockets), true, "nothing was loaded over plain http");
      assert.equal(await live.evaluate("isSecureContext"), true);
      const share = `${deep("rill-share")}.shadowRoot.querySelector("dialog").textContent`;
      assert.match(await live.evaluate<string>(share), /warned by its browser first/);
      assert.deepEqual(live.errors() ?? [], []);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

/** For people to look at, in the folder that RILL_SCREENSHOTS names. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("RILL_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot(join(folder, `${name}.png`));
}

/** Registers the test of one browser that takes an address of this machine for one it need not trust. */
export function testPlainPort(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: the plain port says what is off there, and leads to where it is turned on`, async () => {
    const data = await Deno.makeTempDir({ prefix: "rill-data-" });
    try {
      await using relay = await RelayProcess.start({
        args: ["--listen-tls", `127.0.0.1:${freePort()}`, "--tls", "auto", "--data", data],
      });
      await using browser = await launch();
      // To a browser, 127.0.0.1 is as good as https; this is the same machine.
      await using page = await browser.open(`http://0.0.0.0:${relay.port}/`, { viewport: PHONE });
      await page.waitFor(`!!${deep(".secure-note")}`, { what: "the note" });
      const note = await page.evaluate<string>(`${deep(".secure-note")}.textContent`);
      assert.match(note.replaceAll(/\s+/g, " "), OFF);
      assert.equal(await page.evaluate(`${deep(".secure-note a")}.pathname`), "/trust");
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}
