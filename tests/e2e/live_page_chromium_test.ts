/**
 * One stream's page, used: what is chosen in another window stays there, a picture of any shape stands whole in the window,
 * keys that are held ask once, the keyboard is not lost with the button it pressed, and what stands in a window of its own
 * plays on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DESKTOP, type Page, PHONE, type Viewport } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { makeTransportStream } from "../support/clips.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";

const PLAYER = deep("rill-player");
const STAGE = `${PLAYER}.shadowRoot.querySelector(".stage").getBoundingClientRect().toJSON()`;
const FOCUSED = `${PLAYER}.shadowRoot.activeElement`;

Deno.test("sound that is chosen in another window of the browser is not this window's", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`);
  await untilPlaying(page);
  assert.equal(await page.evaluate(`${PLAYER}.muted`), true, "as long as nobody chose");
  // The same storage: as another window writes it.
  await page.evaluate(`localStorage.setItem("rill.sound", "on")`);
  const view = deep("rill-live-view");
  await page.evaluate(`(${view}.requestUpdate(), ${view}.updateComplete)`);
  await page.evaluate(`${PLAYER}.updateComplete`);
  assert.equal(await page.evaluate(`${PLAYER}.muted`), true, "it stays as it was here");
  assert.equal(await page.evaluate(`${PLAYER}.state.kind`), "playing");
});

Deno.test("a picture of any shape stands whole in the window, with what operates it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-shapes-" });
  try {
    const shapes = { upright: "180x320", square: "320x240", wide: "640x270" };
    const args: string[] = [];
    for (const [name, size] of Object.entries(shapes)) {
      const clip = join(folder, `${name}.ts`);
      await makeTransportStream(clip, { seconds: 4, size });
      args.push(`${name}=file:${clip}?loop`);
    }
    await using relay = await RelayProcess.start({ args });
    await using browser = await launchChromium();
    const sizes: readonly (readonly [string, Viewport])[] = [
      ["desktop", DESKTOP],
      ["phone", PHONE],
      ["on its side", { width: 844, height: 390, phone: true }],
    ];
    for (const name of Object.keys(shapes)) {
      for (const [size, viewport] of sizes) {
        for (const query of ["", "?controls=false"]) {
          await using page = await browser.open(`${relay.url}/live/${name}${query}`, { viewport });
          await untilPlaying(page);
          const { top, bottom, height } = await page.evaluate<DOMRect>(STAGE);
          const where = `${name}${query}, ${size}: ${top} to ${bottom} of ${viewport.height}`;
          assert.ok(top >= 0 && bottom <= viewport.height && height > 100, where);
          const folder = Deno.env.get("RILL_SCREENSHOTS");
          if (folder && query === "") {
            await Deno.mkdir(folder, { recursive: true });
            await page.screenshot(join(folder, `shape_${name}_${size.replaceAll(" ", "_")}.png`));
          }
          // As high as whoever embeds it says.
          await page.evaluate(`void (${PLAYER}.style.height = "150px")`);
          assert.equal((await page.evaluate<DOMRect>(STAGE)).height, 150, where);
        }
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a picture that is smaller than what is to be said is as high as that", async () => {
  await using relay = await RelayProcess.start({ args: ["gone=file:no/such/file.ts"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/gone`);
  await untilStats(page, { what: "word", accept: ({ state }) => state === "offline" });
  await page.evaluate(`void (${PLAYER}.style.width = "150px")`);
  const { top, bottom } = await page.evaluate<DOMRect>(STAGE);
  const words = await page.evaluate<DOMRect>(
    `${PLAYER}.shadowRoot.querySelector(".notice").getBoundingClientRect().toJSON()`,
  );
  assert.ok(words.top >= top && words.bottom <= bottom, `${words.top} to ${words.bottom}`);
  assert.ok(bottom - top > 150 * 9 / 16, `${bottom - top} pixels high`);
});

Deno.test("a key that is held asks once, and does not scroll the page", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`);
  await untilPlaying(page);
  const pressed = (repeat: boolean): Promise<boolean> =>
    page.evaluate<boolean>(`document.body.dispatchEvent(new KeyboardEvent("keydown", {
      key: " ", repeat: ${repeat}, bubbles: true, cancelable: true, composed: true,
    }))`);
  const kind = `${PLAYER}.state.kind`;
  assert.equal(await pressed(false), false, "it is the player's");
  assert.equal(await page.evaluate(kind), "idle");
  assert.equal(await pressed(true), false, "and so is what follows");
  assert.equal(await page.evaluate(kind), "idle", "which asks for nothing");
});

Deno.test("the keyboard goes on where it was when the button that it pressed is gone", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`);
  await untilPlaying(page);
  await page.evaluate(`${PLAYER}.stop()`);
  await page.waitFor(`!!${deep(".invite")}`, { what: "the way to play again" });
  await page.evaluate(`(${deep(".invite")}.focus(), ${deep(".invite")}.click())`);
  await page.waitFor(`${FOCUSED}?.getAttribute("aria-label") === "Stop"`, {
    what: "the focus on what stops it again",
  });
  await page.evaluate(`${deep("[aria-keyshortcuts=I]")}.click()`);
  const close = `${
    deep("rill-stats")
  }?.shadowRoot.querySelector("[aria-label='Close statistics']")`;
  await page.waitFor(`!!${close}`, { what: "the statistics" });
  await page.evaluate(`(${close}.focus(), ${close}.click())`);
  await page.waitFor(`${FOCUSED}?.getAttribute("aria-label") === "Statistics"`, {
    what: "the focus on what opens them again",
  });
});

Deno.test("a silent picture in a window of its own plays on while its page is out of sight", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`);
  await untilPlaying(page);
  const video = `${PLAYER}.shadowRoot.querySelector("video")`;
  await page.click("[aria-label='Picture in picture']");
  await page.waitFor(`${video}.getRootNode().pictureInPictureElement === ${video}`, {
    what: "a window of its own",
  });
  await page.evaluate(`(${hide.toString()})()`);
  // It is looked at every five seconds whether anybody still watches.
  await page.evaluate(`new Promise((resolve) => setTimeout(resolve, 11_000))`);
  const { framesShown } = await untilPlaying(page);
  const { reconnects } = await untilStats(page, {
    what: "pictures that go on",
    accept: (stats) => stats.state === "playing" && stats.framesShown > framesShown,
  });
  assert.equal(reconnects, 0);
});

/** Runs in the page: to its scripts it is out of sight, as a page behind another tab. */
function hide(): void {
  Object.defineProperty(document, "visibilityState", { value: "hidden" });
  Object.defineProperty(document, "hidden", { value: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

Deno.test("one stream's page is never another's: what was under way stays with its camera", async () => {
  await using relay = await RelayProcess.start({
    args: ["demo", `porch=udp://127.0.0.1:${freePort()}`],
  });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`);
  await untilPlaying(page);
  await page.evaluate(`void (${deep("rill-live-view")}.isDemos = true)`);
  // By the browser's own list of where one has been.
  await page.evaluate(
    `(history.pushState(null, "", "live/porch"), dispatchEvent(new PopStateEvent("popstate")))`,
  );
  await page.waitFor(`${deep("rill-live-view")}?.name === "porch"`, { what: "the other's page" });
  assert.equal(await page.evaluate(`${deep("rill-live-view")}.isDemos ?? false`), false);
});

function untilPlaying(page: Page): ReturnType<typeof untilStats> {
  return untilStats(page, {
    what: "pictures",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 5,
  });
}
