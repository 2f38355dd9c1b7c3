/**
 * The start page and a stream's page, looked at: what is listed, that a preview shows, that nothing sticks
 * out at the narrowest width. Keeps screenshots for people in a folder it names.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DESKTOP, type Page, PHONE, type Viewport } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { figure } from "../support/figure.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { qrCodeOf } from "../../web/src/ui/qr_code.ts";

/** Narrowest page that must hold together, CSS pixels (WCAG 2.2, 1.4.10). */
const NARROWEST: Viewport = { width: 320, height: 640 };

const SIZES = [["desktop", DESKTOP], ["phone", PHONE]] as const;

Deno.test("the start page lists each stream with its state and a preview picture", async () => {
  await using relay = await RelayProcess.start({
    args: ["demo", `porch=udp://127.0.0.1:${freePort()}`, "gone=file:no/such/file.ts"],
  });
  await using browser = await launchChromium();
  for (const [size, viewport] of SIZES) {
    await using page = await browser.open(`${relay.url}/`, { viewport });
    await untilPreviewShows(page);
    const words = `${deep("rill-camera-list")}.shadowRoot.textContent`;
    await page.waitFor(`${words}.includes("No such file: file.ts.")`, {
      what: "why a stream does not run, without its folder",
    });
    const text = await page.evaluate<string>(words);
    for (const name of ["demo", "porch", "gone"]) assert.match(text, new RegExp(`\\b${name}\\b`));
    assert.doesNotMatch(text, /this device/i, "nobody may publish here");
    await keepScreenshot(page, `start_${size}`);
    await assertNothingSticksOut(page, viewport);
    assert.deepEqual(page.errors(), []);
  }
});

Deno.test("a link on the start page leads to the moving picture", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  for (const [size, viewport] of SIZES) {
    await using page = await browser.open(`${relay.url}/`, { viewport });
    const link = deep('a[href$="live/demo"]');
    await page.waitFor(`!!${link}`, { what: "the demo's link" });
    await page.evaluate(`${link}.click()`);
    await untilStats(page, {
      what: "the picture",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
    });
    assert.equal(await page.evaluate("location.pathname"), "/live/demo");
    await keepScreenshot(page, `live_${size}`);
    await assertNothingSticksOut(page, viewport);

    await page.evaluate("history.back()");
    await page.waitFor(`!!${link}`, { what: "the way back" });
    assert.deepEqual(page.errors(), []);
  }
});

Deno.test("an unknown stream and an unknown address are told in words", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  await using unknown = await browser.open(`${relay.url}/live/nobody`, { viewport: PHONE });
  await untilStats(unknown, { what: "a refusal", accept: ({ state }) => state === "failed" });
  await keepScreenshot(unknown, "unknown_stream");
  await assertNothingSticksOut(unknown, PHONE);

  const path = `/${"nowhere".repeat(20)}`;
  await using nowhere = await browser.open(`${relay.url}${path}`, { viewport: PHONE });
  const told = `${deep(".lost")}?.textContent`;
  await nowhere.waitFor(`${told}?.includes("nothing at this address")`, { what: "words" });
  assert.ok(await nowhere.evaluate(`${told}.includes("${path}")`), "the address");
  await assertNothingSticksOut(nowhere, PHONE);
});

Deno.test("a stream's page is shared by a code that holds its address, where that is not this machine's alone", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchChromium();
  const code = `${deep("rill-share")}?.shadowRoot.querySelector(".code path")?.getAttribute("d")`;
  const press = `${deep("rill-share")}.shadowRoot.querySelector("button").click()`;
  for (const [size, viewport] of SIZES) {
    // An address of this machine that a page cannot know to be one.
    const url = `http://0.0.0.0:${relay.port}/live/demo`;
    await using page = await browser.open(url, { viewport });
    await page.waitFor(`!!${deep("rill-share")}`, { what: "a way to share" });
    await page.evaluate(press);
    await page.waitFor(`!!${code}`, { what: "a code" });
    assert.equal(await page.evaluate(code), qrCodeOf(url).path);
    await keepScreenshot(page, `share_${size}`);
    await assertNothingSticksOut(page, viewport);
    assert.deepEqual(page.errors(), []);
  }
  await using page = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
  await page.waitFor(`!!${deep("rill-share")}`, { what: "a way to share" });
  await page.evaluate(press);
  const words = `${deep("rill-share")}.shadowRoot.querySelector("dialog").textContent`;
  await page.waitFor(`${words}.includes("means this machine")`, { what: "a warning" });
  assert.equal(await page.evaluate(`${code} ?? null`), null);
});

let folder: string | undefined;

/** Keeps a picture in RILL_SCREENSHOTS, or in a temporary folder that is left for whoever reads its name. */
async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (folder === undefined) {
    folder = Deno.env.get("RILL_SCREENSHOTS") ??
      await Deno.makeTempDir({ prefix: "rill-screenshots-" });
    await Deno.mkdir(folder, { recursive: true });
    figure(`screenshots: ${folder}`);
  }
  await page.screenshot(join(folder, `${name}.png`));
}

async function untilPreviewShows(page: Page): Promise<void> {
  await page.waitFor(
    `((preview) => {
      const picture = preview?.shadowRoot?.querySelector("video:not(.coming), img");
      return (picture?.videoWidth ?? picture?.naturalWidth ?? 0) > 0;
    })(${deep('rill-preview[name="demo"]')})`,
    { what: "the demo's preview picture" },
  );
}

/** At its own size and at the narrowest there is no scrolling sideways. */
async function assertNothingSticksOut(page: Page, viewport: Viewport): Promise<void> {
  for (const size of [viewport, NARROWEST]) {
    await page.viewport(size);
    await page.waitFor(`innerWidth === ${size.width}`, { what: `a page ${size.width} wide` });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(width <= size.width, `${width} pixels wide at ${size.width}`);
  }
}
